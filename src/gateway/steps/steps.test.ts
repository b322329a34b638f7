import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL, openRoom } from '../../../test/support/gateway-room.ts';
import type { Room } from '../../../test/support/gateway-room.ts';
import { STEP_DETECTORS } from '../../core/detectors/steps/index.ts';
import type { StepLimits } from '../../core/detectors/steps/index.ts';
import type { DialectId, GatewayTurn } from '../../ports/gateway.ts';
import { toolExchanges } from './exchanges.ts';
import type { ToolExchange } from './exchanges.ts';
import { stepOf } from './step-of.ts';
import { createStepWatch } from './step-watch.ts';

/** A conversation in which one command was run, as each protocol writes it down. */
const ONE_COMMAND: Readonly<Record<DialectId, { readonly body: object; readonly failed: boolean | null }>> = {
  'anthropic-messages': {
    body: {
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: { command: 'make' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', is_error: true, content: [{ type: 'text', text: 'no make' }] },
          ],
        },
      ],
    },
    failed: true,
  },
  vertex: {
    body: {
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: { command: 'make' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'no make' }] },
      ],
    },
    failed: false,
  },
  'openai-chat': {
    body: {
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'Bash', arguments: '{"command":"make"}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: 'no make' },
      ],
    },
    failed: null,
  },
  'openai-responses': {
    body: {
      input: [
        { type: 'function_call', call_id: 'a', name: 'Bash', arguments: '{"command":"make"}' },
        { type: 'function_call_output', call_id: 'a', output: 'no make' },
      ],
    },
    failed: null,
  },
  gemini: {
    body: {
      contents: [
        { role: 'model', parts: [{ functionCall: { name: 'Bash', args: { command: 'make' } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'Bash', response: { output: 'no make' } } }] },
      ],
    },
    failed: null,
  },
  bedrock: {
    body: {
      messages: [
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'Bash', input: { command: 'make' } } }] },
        {
          role: 'user',
          content: [{ toolResult: { toolUseId: 'a', status: 'error', content: [{ text: 'no make' }] } }],
        },
      ],
    },
    failed: true,
  },
};

function exchange(patch: Partial<ToolExchange> = {}): ToolExchange {
  return { id: 'a', tool: 'Bash', input: { command: 'make' }, output: 'done', failed: null, ...patch };
}

describe('what an agent did, read out of its requests', () => {
  it.each(Object.entries(ONE_COMMAND))('%s', (_, { body, failed }) => {
    const [found, ...more] = toolExchanges(body);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ tool: 'Bash', failed });
    const step = stepOf(found ?? exchange(), null);
    expect(step).toMatchObject({ tool: 'Bash', kind: 'other', failed: failed === true });
    expect(step.input).toBe(stepOf(exchange(), null).input);
    expect(step.outputCharacters).toBeGreaterThan(0);
  });

  it('takes no call without its result, and no result without its call', () => {
    expect(
      toolExchanges({
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'b', content: 'x' }] },
        ],
      }),
    ).toEqual([]);
  });

  it('reads a shell of its own and a tool with free input', () => {
    const input = [
      { type: 'local_shell_call', call_id: 'a', action: { command: ['make'] } },
      { type: 'local_shell_call_output', call_id: 'a', output: 'x' },
      { type: 'custom_tool_call', call_id: 'b', name: 'apply_patch', input: '*** Begin' },
      { type: 'custom_tool_call_output', call_id: 'b', output: 'Success' },
    ];
    expect(toolExchanges({ input }).map(({ tool }) => tool)).toEqual(['local_shell', 'apply_patch']);
  });

  it('passes over whatever else a body holds', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => void toolExchanges(body)));
    const inside = fc.record({
      messages: fc.array(fc.record({ content: fc.jsonValue(), tool_calls: fc.jsonValue() })),
    });
    fc.assert(
      fc.property(inside, (body) => {
        expect(toolExchanges(body)).toEqual([]);
      }),
    );
  });
});

describe('a step', () => {
  it('is the same whatever the order of its keys, and whether JSON or text', () => {
    const steps = [{ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, '{"b":{"d":3,"c":2},"a":1}'];
    expect(new Set(steps.map((input) => stepOf(exchange({ input }), null).input)).size).toBe(1);
    expect(stepOf(exchange({ input: { a: 2 } }), null).input).not.toBe(
      stepOf(exchange({ input: { a: 1 } }), null).input,
    );
  });

  it.each([
    ['times', 'ok at 2026-11-25T22:01:05Z', 'ok at 2026-11-26 09:00:00.123'],
    ['durations', '3 passed in 1.20s (12 ms)', '3 passed in 9.81s (7 ms)'],
    ['addresses', 'at 0x7ffe12 and deadbeef01', 'at 0x11 and 0123456789'],
    ['temporary paths', 'wrote /tmp/abc/x.log', 'wrote /tmp/def/y.log'],
    ['colours', '\u001B[31mred\u001B[0m', 'red'],
  ])('does not tell apart by %s', (_, a, b) => {
    expect(stepOf(exchange({ output: a }), null).output).toBe(stepOf(exchange({ output: b }), null).output);
  });

  it('tells different results apart, also in the middle of what is kept', () => {
    const of = (output: string): string => stepOf(exchange({ output }), null).output;
    expect(of('3 passed')).not.toBe(of('4 passed'));
    expect(of('x'.repeat(30_000))).not.toBe(of('x'.repeat(30_001)));
  });

  it.each([
    ['Exit code: 2\nboom', true],
    ['{"output":"boom","metadata":{"exit_code":1}}', true],
    ['Process exited with code 127', true],
    ['Exit Code: 0', false],
    ['it may exit with grace', false],
    [`${'x'.repeat(1_000)} exit code 1 ${'x'.repeat(1_000)}`, false],
  ])('reads in words whether it failed: %s', (output, failed) => {
    expect(stepOf(exchange({ output }), null).failed).toBe(failed);
  });

  it('names the files its input names', () => {
    expect(stepOf(exchange({ tool: 'Edit', input: { file_path: 'a.ts', old_string: 'x' } }), 7)).toMatchObject({
      kind: 'write',
      files: ['a.ts'],
      tokens: 7,
    });
  });
});

/** The request after `count` equal commands that fail. */
function spinning(count: number): object {
  const messages = Array.from({ length: count }, (_, n) => [
    { role: 'assistant', content: [{ type: 'tool_use', id: `call ${n}`, name: 'Bash', input: { command: 'make' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `call ${n}`, is_error: true, content: 'no make' }] },
  ]).flat();
  return { model: MODEL, max_tokens: 4_096, stream: true, messages: [{ role: 'user', content: 'go' }, ...messages] };
}

describe('the watch over steps', () => {
  const bytes = (body: object): Uint8Array => Buffer.from(JSON.stringify(body));

  it('counts each exchange once, however often it is sent', () => {
    const watch = createStepWatch({});
    for (let round = 0; round < 10; round += 1) expect(watch.see(bytes(spinning(2)), 1)).toEqual([]);
    expect(watch.see(bytes(spinning(3)), 1).map(({ severity }) => severity)).toContain('note');
  });

  it('gives the tokens of a call to the step after it', () => {
    const watch = createStepWatch({ 'tokens-without-progress': 1_000 });
    watch.spent(700);
    expect(watch.see(bytes(spinning(1)), 1)).toMatchObject([{ detector: 'tokens-without-progress', severity: 'note' }]);
    watch.spent(300);
    expect(watch.see(bytes(spinning(2)), 1)).toMatchObject([{ detector: 'tokens-without-progress', severity: 'stop' }]);
  });
});

async function spin(steps: StepLimits, body: (room: Room, turn: GatewayTurn) => Promise<void>): Promise<void> {
  const room = await openRoom({ request: { steps } });
  const turn = room.run.beginTurn(1, { brake: () => undefined, activity: () => undefined });
  try {
    for (let count = 0; count <= 6; count += 1) await room.ask(spinning(count));
    await body(room, turn);
  } finally {
    await turn.end().catch(() => null);
    await room.close();
  }
}

describe('a spiral in front of the gateway', () => {
  it('is warned of, and ended before its next call is paid for', async () => {
    await spin({}, async (room, turn) => {
      // The request that shows the fourth failure is not passed on, nor any after it.
      expect(room.calls()).toHaveLength(4);
      const last = await room.ask(spinning(7));
      expect(last.status).toBeGreaterThanOrEqual(400);
      expect(last.body.toString()).toContain('this turn has to end: repeated-action');
      const severities = turn.sightings().filter(({ detector }) => detector === 'repeated-action');
      expect(severities.map(({ severity }) => severity)).toEqual(['note', 'stop']);
      expect(await turn.end()).toMatchObject({ kind: 'detector' });
    });
  });

  it('goes on where the policy says off', async () => {
    const off = Object.fromEntries(STEP_DETECTORS.map(({ id }) => [id, 'off' as const]));
    await spin(off, async (room, turn) => {
      expect(room.calls()).toHaveLength(7);
      expect(turn.sightings()).toEqual([]);
      expect(await turn.end()).toBeNull();
    });
  });
});
