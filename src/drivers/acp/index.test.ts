import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onAcpStage } from '../../../test/support/acp-subject.ts';
import type { AcpStaged } from '../../../test/support/acp-subject.ts';
import { isLoopwrightError } from '../../core/errors.ts';
import type { TurnEnd } from '../../core/event.ts';
import type { TurnResult } from '../../ports/driver.ts';
import { NOTHING_TOLD } from '../told.ts';
import { createConnection } from './connection.ts';
import { fold, foldAnswer } from './events.ts';
import { createAcpDriver } from './index.ts';
import { createToolCalls, outcomeOf, questionIn } from './permission.ts';

const TEXTS = (result: TurnResult): readonly string[] => result.claims.map(({ kind, text }) => `${kind}: ${text}`);

interface Case {
  readonly name: string;
  readonly behaviour: readonly string[];
  readonly staged?: AcpStaged;
  readonly end: TurnEnd | { readonly kind: TurnEnd['kind']; readonly detail: unknown };
  readonly claims?: readonly string[];
}

const ENDED = { kind: 'ended', exitCode: 0 } as const;
const ENDED_FROM_OUTSIDE = { kind: 'ended', exitCode: null } as const;
const crashed = (detail: string): Case['end'] => ({ kind: 'crashed', detail: expect.stringContaining(detail) });
const unavailable = (detail: string): Case['end'] => ({ kind: 'unavailable', detail: expect.stringContaining(detail) });

const CASES: readonly Case[] = [
  {
    name: 'prints banners and other JSON among its messages',
    behaviour: ['banner'],
    end: ENDED,
    claims: ['message: easy', 'done: end_turn'],
  },
  { name: 'speaks version 2', behaviour: ['done', 'v2'], end: ENDED, claims: ['message: easy', 'done: end_turn'] },
  {
    name: 'refuses to hear of version 2',
    behaviour: ['refuses-version-2'],
    end: ENDED,
    claims: ['message: easy', 'done: end_turn'],
  },
  {
    name: 'speaks a version of its own',
    behaviour: ['version-3'],
    end: unavailable('speaks version 3 of the protocol, and loopwright 1 and 2'),
  },
  { name: 'dies at its start', behaviour: ['dies-at-start'], end: { kind: 'ended', exitCode: 9 }, claims: [] },
  {
    name: 'never answers initialize',
    behaviour: ['silent'],
    staged: { answerMs: 300 },
    end: crashed('does not answer initialize'),
  },
  {
    name: 'leaves with 0 in the middle of its turn',
    behaviour: ['exit-code-0'],
    end: crashed('left with code 0 in the middle'),
    claims: [],
  },
  {
    name: 'writes half an answer and leaves',
    behaviour: ['half-an-answer'],
    end: crashed('left with code 0 in the middle'),
    claims: [],
  },
  {
    name: 'forgets the last line feed',
    behaviour: ['answer-without-line-feed'],
    end: ENDED,
    claims: ['done: end_turn'],
  },
  {
    name: 'writes a message that is too long to be read',
    behaviour: ['huge-message'],
    end: crashed('more than 16777216 bytes'),
  },
  {
    name: 'stays after its answer',
    behaviour: ['stays'],
    staged: { leaveMs: 300 },
    end: ENDED_FROM_OUTSIDE,
    claims: ['message: here for good', 'done: end_turn'],
  },
  {
    name: 'leaves with 3 after its answer',
    behaviour: ['exit-code-3-after'],
    end: { kind: 'ended', exitCode: 3 },
    claims: ['message: done', 'done: end_turn'],
  },
  { name: 'leaves a process behind', behaviour: ['forks'], end: ENDED, claims: ['message: forked', 'done: end_turn'] },
  {
    name: 'answers with an error',
    behaviour: ['error'],
    end: crashed('says that it failed: Internal error: no credit left'),
  },
  {
    name: 'asks to log in',
    behaviour: ['asks-to-log-in'],
    end: unavailable(
      'asks to log in (Authentication required); name a way that needs no person with `auth`; it offers: key',
    ),
  },
  {
    name: 'asks to log in once it is prompted',
    behaviour: ['asks-to-log-in-late'],
    end: unavailable('asks to log in'),
  },
  {
    name: 'is logged in the way that is named',
    behaviour: ['asks-to-log-in'],
    staged: { options: { auth: 'key' } },
    end: ENDED,
  },
  {
    name: 'has no such login',
    behaviour: ['done'],
    staged: { options: { auth: 'face' } },
    end: unavailable('has no login called "face"; it offers: key'),
  },
  {
    name: 'has no such mode',
    behaviour: ['done'],
    staged: { options: { mode: 'yolo' } },
    end: unavailable('has no mode called "yolo"; it offers: auto, ask'),
  },
  {
    name: 'has no such model',
    behaviour: ['done'],
    staged: { options: { model: 'z' } },
    end: unavailable('has no model called "z"; it offers: a, b/c'),
  },
  {
    name: 'cannot go on with a session',
    behaviour: ['done'],
    staged: { options: { session: 'resumed' } },
    end: unavailable('cannot go on with a session'),
  },
  {
    name: 'stops for want of room',
    behaviour: ['stops', 'max_tokens'],
    end: ENDED,
    claims: ['message: stopped for max_tokens'],
  },
  {
    name: 'stops for want of room in version 2',
    behaviour: ['stops', 'max_tokens', 'v2'],
    end: ENDED,
    claims: ['message: stopped for max_tokens'],
  },
  {
    name: 'stops at a limit of its own',
    behaviour: ['stops', 'max_turn_requests'],
    end: ENDED,
    claims: ['message: stopped for max_turn_requests'],
  },
  { name: 'refuses to go on', behaviour: ['stops', 'refusal'], end: crashed('the model refuses to go on'), claims: [] },
  {
    name: 'stops for a reason that nobody knows',
    behaviour: ['stops', 'boredom'],
    end: crashed('it stopped for "boredom"'),
    claims: [],
  },
];

describe('an agent that', () => {
  it.concurrent.each(CASES)('$name: a clear end', async ({ behaviour, staged = {}, end, claims }) => {
    await onAcpStage(behaviour, staged, async ({ turn }) => {
      const result = await turn();
      expect(result.end).toEqual(end);
      if (claims !== undefined) expect(TEXTS(result)).toEqual(claims);
    });
  });

  it('answers what was not asked is waited for as if it had said nothing', async () => {
    const cancel = new AbortController();
    const onOutput = (text: string): void => {
      if (text.includes('"result":{"stopReason":"end_turn"}')) cancel.abort();
    };
    await onAcpStage(['answers-unasked'], { onOutput, cancelMs: 100 }, async ({ turn }) => {
      const result = await turn({ signal: cancel.signal });
      expect(result.end).toEqual({ kind: 'cancelled' });
      expect(TEXTS(result)).toEqual([]);
    });
  });

  it('wants the client to read files is refused, and goes on', async () => {
    await onAcpStage(['wants-files'], {}, async ({ turn }) => {
      const [said] = TEXTS(await turn());
      expect(said).toContain('fs/read_text_file is not offered here');
    });
  });
});

describe('cancelling', () => {
  it('asks the agent first, and its answer is the end of the turn', async () => {
    const cancel = new AbortController();
    const onOutput = (text: string): void => {
      if (text.includes('agent_message_chunk')) cancel.abort();
    };
    await onAcpStage(['waits-for-cancel'], { onOutput }, async ({ turn, heard }) => {
      const result = await turn({ signal: cancel.signal });
      expect(result.end).toEqual({ kind: 'cancelled' });
      expect(heard()).toContain('session/cancel');
    });
  });

  it('ends an agent that does not answer it', async () => {
    const cancel = new AbortController();
    const onOutput = (text: string): void => {
      if (text.includes('ill here')) cancel.abort();
    };
    await onAcpStage(['talks'], { onOutput, cancelMs: 100 }, async ({ turn }) => {
      expect((await turn({ signal: cancel.signal })).end).toEqual({ kind: 'cancelled' });
    });
  });
});

describe('what is chosen', () => {
  it('is set explicitly, model and mode, in this order', async () => {
    await onAcpStage(['done'], { options: { model: 'b/c', mode: 'ask' } }, async ({ turn, heard }) => {
      await turn();
      expect(heard()).toEqual([
        'initialize',
        'session/new',
        'session/set_config_option',
        'session/set_mode',
        'session/prompt',
      ]);
      expect(heard('session/set_mode')).toEqual([{ sessionId: 'session-of-the-fake', modeId: 'ask' }]);
      expect(heard('session/set_config_option')).toMatchObject([{ configId: 'm', value: 'b/c' }]);
    });
  });

  it('offers no files and no terminal, and names no server of ours', async () => {
    await onAcpStage(['done'], {}, async ({ turn, heard }) => {
      await turn();
      expect(heard('initialize')).toMatchObject([
        {
          protocolVersion: 2,
          clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        },
      ]);
      expect(heard('session/new')).toEqual([{ cwd: '/workspace', mcpServers: [] }]);
    });
  });

  it('fills the variables of the agent with the way to models, and hides what is to be hidden', async () => {
    const models = { env: { OPENAI_BASE_URL: 'http://127.0.0.1:1/o/v1', OPENAI_API_KEY: 'run-key' } };
    const options = {
      argv: undefined,
      model: 'acme/coder',
      wire: 'openai-chat',
      conceals: ['.hidden'],
      files: { '.agent/config.json': '{"model":"{model}"}' },
      env: { WIRED: '{"url":"{address}","key":"{key}","model":"{model}"}', PLAIN: '{other} {home}' },
    };
    const { argv: _, ...more } = options;
    await onAcpStage(['shows-environment', '{model}'], { models, options: more }, async ({ directory, turn }) => {
      await mkdir(join(directory, '.hidden'));
      await writeFile(join(directory, '.hidden', 'inside'), 'a hook');
      const result = await turn();
      const [shown = ''] = Buffer.from(result.output).toString('utf8').split('\n');
      expect(JSON.parse(shown)).toEqual({
        HOME: '/run/loopwright/home',
        WIRED: '{"url":"http://127.0.0.1:1/o/v1","key":"run-key","model":"acme/coder"}',
        PLAIN: '{other} /run/loopwright/home',
        rest: ['acme/coder'],
        concealed: 'nothing',
        file: '{"model":"acme/coder"}',
      });
    });
  });

  it('is refused where no provider speaks what the agent speaks', async () => {
    const staged = { models: { env: {} }, options: { wire: 'gemini' } };
    const refused: unknown = await onAcpStage(['done'], staged, () => Promise.resolve()).catch(
      (error: unknown) => error,
    );
    expect(isLoopwrightError(refused, 'LW_GATEWAY_UNAVAILABLE')).toBe(true);
  });

  it('names a program that has to be there', async () => {
    const driver = createAcpDriver({ PATH: '/usr/bin' });
    for (const argv of [undefined, ['no-such-agent']]) {
      const error: unknown = await driver.installation?.({ argv }).catch((reason: unknown) => reason);
      expect(isLoopwrightError(error, 'LW_AGENT_MISSING')).toBe(true);
    }
  });
});

describe('a session that goes on', () => {
  it.each(['loads', 'resumes'])('is found again (%s), and only what it cost on top is claimed', async (how) => {
    await onAcpStage(['cost', how], { options: { session: 'resumed' } }, async ({ turn, heard }) => {
      const first = await turn();
      const second = await turn();
      expect(TEXTS(first)).toContain('message: I am session 1');
      expect(TEXTS(second)).toContain('message: I am session 2');
      expect(heard()).toContain(how === 'loads' ? 'session/load' : 'session/resume');
      expect([first, second].map(({ claimedUsage }) => claimedUsage?.costNanoUsd)).toEqual([250_000_000, 250_000_000]);
    });
  });

  it('is another one every turn where that is wanted', async () => {
    await onAcpStage(['cost', 'loads'], {}, async ({ turn, heard }) => {
      await turn();
      await turn();
      expect(heard()).toContain('session/new');
    });
  });
});

describe('a question of the agent', () => {
  it.each([['v1'], ['v2']])('is put to the policy as what would run, never as its title (%s)', async (version) => {
    await onAcpStage(['asks', version], {}, async ({ turn, questions }) => {
      await turn();
      expect(questions).toMatchObject([{ tool: 'execute', use: { kind: 'command', line: 'rm -rf build' } }]);
      expect(questions[0]?.input).toContain('"command":"rm -rf build"');
      expect(questions[0]?.input).not.toContain('Count to ten');
    });
  });

  it('is answered by the option that allows this once and nothing else', async () => {
    const answer = () => Promise.resolve({ decision: 'allow' as const, rule: null, reason: 'yes' });
    await onAcpStage(['asks'], { answer }, async ({ turn, heard }) => {
      const said = TEXTS(await turn());
      expect(said[0]).toContain('"optionId":"proceed_once"');
      expect(heard('session/prompt')).toHaveLength(1);
    });
  });

  it.each([[[]], [['rejection-ends']]])('that is refused is told why, and goes on (%j)', async (flags) => {
    await onAcpStage(['asks', ...flags], {}, async ({ turn, heard }) => {
      const result = await turn();
      expect(TEXTS(result)).toEqual(['message: I heard why.', 'done: end_turn']);
      const [, told] = heard('session/prompt');
      expect(JSON.stringify(told)).toContain('execute: nothing is deleted here');
      expect(Buffer.from(result.output).toString('utf8')).toContain('"optionId":"cancel"');
    });
  });

  it('is told why three times in a turn, and not for ever', async () => {
    await onAcpStage(['asks-without-end'], {}, async ({ turn, heard, questions }) => {
      await turn();
      expect(heard('session/prompt')).toHaveLength(4);
      expect(questions).toHaveLength(4);
    });
  });

  it.each([
    ['asks', {}],
    ['asks-and-ignores', { cancelMs: 100 }],
  ])(
    'that a person has to answer ends the turn, whether the agent listens or not (%s)',
    async (behaviour, patience) => {
      const answer = () =>
        Promise.resolve({ decision: 'hold' as const, rule: 'Bash(rm *)', reason: 'a person decides' });
      await onAcpStage([behaviour], { answer, ...patience }, async ({ turn, heard }) => {
        const result = await turn();
        expect(result.end).toEqual(ENDED_FROM_OUTSIDE);
        expect(TEXTS(result).filter((text) => text.startsWith('done'))).toEqual([]);
        expect(heard()).toContain('session/cancel');
        expect(Buffer.from(result.output).toString('utf8')).toContain('"outcome":{"outcome":"cancelled"}');
        expect(heard('session/prompt')).toHaveLength(1);
      });
    },
  );

  it('that cannot be recorded ends the turn with the error of the host', async () => {
    const answer = () => Promise.reject(new Error('the store is gone'));
    await onAcpStage(['asks'], { answer }, async ({ turn }) => {
      await expect(turn()).rejects.toThrow('the store is gone');
    });
  });
});

describe('the words of a question', () => {
  const ask = (toolCall: Readonly<Record<string, unknown>>) => questionIn({ toolCall }, createToolCalls());

  it.each([
    [
      { kind: 'execute', rawInput: { command: ['git', 'commit', '-m', "it's"] } },
      { kind: 'command', line: String.raw`git commit -m 'it'\''s'` },
    ],
    [
      { kind: 'edit', rawInput: { file_path: 'a.js' }, locations: [{ path: '/w/b.js' }] },
      { kind: 'edit', paths: ['a.js', '/w/b.js'] },
    ],
    [
      { kind: 'edit', content: [{ type: 'diff', path: 'c.js' }] },
      { kind: 'edit', paths: ['c.js'] },
    ],
    [
      { kind: 'delete', rawInput: { path: 'd', command: 'delete' } },
      { kind: 'edit', paths: ['d'] },
    ],
    [
      { kind: 'read', rawInput: { filePath: '.env' } },
      { kind: 'read', paths: ['.env'] },
    ],
    [
      { kind: 'edit', rawInput: { command: 'rm x' } },
      { kind: 'command', line: 'rm x' },
    ],
    [{ rawInput: { command: 'ls' } }, { kind: 'command', line: 'ls' }],
    [
      { kind: 'fetch', rawInput: { url: 'https://example.test/x?y' } },
      { kind: 'fetch', host: 'example.test' },
    ],
    [{ kind: 'fetch', rawInput: { url: 'no address' } }, { kind: 'other' }],
    [{ kind: 'execute', title: 'npm test' }, { kind: 'other' }],
    [{}, { kind: 'other' }],
  ])('%j', (call, use) => {
    expect(ask(call)?.use).toEqual(use);
  });

  it('are those of the title only for an agent whose title is the command', () => {
    const params = { toolCall: { kind: 'execute', title: 'rm x' } };
    const use = (agent: string | null) => questionIn(params, createToolCalls(), agent)?.use;
    expect(use('gemini-cli')).toEqual({ kind: 'command', line: 'rm x' });
    expect(use('another')).toEqual({ kind: 'other' });
  });

  it('are the same for the same input, whatever the order of its keys and the number of the call', () => {
    const one = ask({ toolCallId: '1', kind: 'execute', rawInput: { command: 'x', cwd: ['b', 'a'] } });
    const other = ask({ toolCallId: '2', kind: 'execute', rawInput: { cwd: ['b', 'a'], command: 'x' }, title: 'y' });
    expect(other).toEqual(one);
    expect(one?.input).toBe('{"command":"x","cwd":["b","a"]}');
  });

  it('are not read where they are nested without end', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    expect(ask({ rawInput: { deep } })).toBe(null);
  });

  it('allow nothing for good', () => {
    const params = {
      options: [
        { optionId: 'a', kind: 'allow_always' },
        { optionId: 'r', kind: 'reject_once' },
      ],
    };
    expect(outcomeOf({ decision: 'allow' }, params)).toEqual({ outcome: 'selected', optionId: 'r' });
    expect(outcomeOf({ decision: 'deny' }, {})).toEqual({ outcome: 'cancelled' });
  });
});

describe('what an agent tells', () => {
  it('is read whatever becomes of its fields', () => {
    const keys =
      'sessionUpdate content text type cost amount currency usage _meta quota token_count toolCallId options kind rawInput path url command locations'.split(
        ' ',
      );
    const kinds = ['agent_message_chunk', 'agent_message', 'tool_call', 'usage_update', 'state_update', 'x'];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.object({ key: fc.constantFrom(...keys), maxDepth: 4 }),
        (sessionUpdate, given) => {
          const told = fold(NOTHING_TOLD, { ...given, sessionUpdate });
          expect(told.text === null || typeof told.text === 'string').toBe(true);
          foldAnswer(NOTHING_TOLD, given);
          const calls = createToolCalls();
          calls.push(given);
          questionIn({ toolCall: given, ...given }, calls);
          outcomeOf({ decision: 'allow' }, given);
        },
      ),
    );
  });

  it('of its usage counts what came from a cache once', () => {
    const usage = { inputTokens: 9, outputTokens: 3, cachedReadTokens: 4 };
    expect(foldAnswer(NOTHING_TOLD, { usage }).usage).toMatchObject({ inputTokens: 13, outputTokens: 3 });
    expect(foldAnswer(NOTHING_TOLD, { usage: { ...usage, totalTokens: 12 } }).usage).toMatchObject({ inputTokens: 9 });
    const quota = { token_count: { input_tokens: 5, output_tokens: 6 } };
    expect(foldAnswer(NOTHING_TOLD, { _meta: { quota } }).usage).toMatchObject({ inputTokens: 5, outputTokens: 6 });
  });

  it('without having been asked is dropped, and after its end nothing is waited for', async () => {
    const sent: string[] = [];
    const connection = createConnection({
      send: (line) => void sent.push(Buffer.from(line).toString('utf8')),
      onNotification: () => undefined,
      onRequest: () => null,
    });
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('id', 'method', 'params', 'result', 'error'), maxDepth: 3 }),
        (message) => connection.receive(message as never),
      ),
    );
    const asked = connection.request('initialize', {});
    connection.close();
    expect(await asked).toEqual({ kind: 'gone' });
    expect(await connection.request('initialize', {})).toEqual({ kind: 'gone' });
    expect(sent.at(-1)).toContain('"method":"initialize"');
  });
});
