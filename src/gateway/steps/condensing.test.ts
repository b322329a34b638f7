import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCondensing } from './condensing.ts';
import { createStepWatch } from './step-watch.ts';

const TOOLS = [{ name: 'Bash', input_schema: {} }];

/** What an agent read: large enough that a conversation without it is much shorter. */
const OUTPUT = 'x'.repeat(400);

function action(id: string): readonly object[] {
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: { command: `cat ${id}` } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: `${id} ${OUTPUT}` }] },
  ];
}

/** A request that carries these actions after these opening words. */
function request(opening: string, ids: readonly string[], tools: readonly object[] = TOOLS): object {
  return { model: 'm', tools, messages: [{ role: 'user', content: opening }, ...ids.flatMap(action)] };
}

function ids(name: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, n) => `${name}${from + n}`);
}

/** Every request on the way to these actions, as an agent sends them. */
function growing(opening: string, name: string, count: number, tools = TOOLS): readonly object[] {
  return Array.from({ length: count + 1 }, (_, n) => request(opening, ids(name, 0, n), tools));
}

function counted(requests: readonly object[]): number {
  const condensing = createCondensing();
  return requests.reduce<number>((sum, body) => sum + condensing.see(body), 0);
}

/** Condensed `rounds` times, each time begun anew with a summary after `steps` actions. */
function anew(rounds: number, steps: number): readonly object[] {
  return Array.from({ length: rounds }, (_, n) => growing(`summary ${n}`, `r${n}-`, steps)).flat();
}

describe('a conversation that was condensed', () => {
  it.each([
    ['goes on as it was', growing('go', 'a', 30), 0],
    ['keeps its newest actions', [...growing('go', 'a', 20), request('summary', ids('a', 16, 20))], 1],
    ['is begun anew, once: no side conversation is told from that', anew(2, 8), 0],
    ['is begun anew again and again, one later', anew(6, 8), 4],
    ['is asked again, word for word', [request('go', ids('a', 0, 9)), request('go', ids('a', 0, 9))], 0],
    [
      'had side conversations with the same tools',
      Array.from({ length: 6 }, (_, n) => [
        request('go', ids('a', 0, 10 + n)),
        ...growing(`side ${n}`, `s${n}-`, 3),
        request('go', ids('a', 0, 11 + n)),
      ]).flat(),
      0,
    ],
    [
      'had side conversations with other tools',
      Array.from({ length: 6 }, (_, n) => [
        request('go', ids('a', 0, 10 + n)),
        ...growing(`side ${n}`, `s${n}-`, 3, [{ name: 'Read', input_schema: {} }]),
      ]).flat(),
      0,
    ],
    [
      'had titles written, without tools',
      Array.from({ length: 6 }, (_, n) => [request('go', ids('a', 0, 10 + n)), request(`title ${n}`, [], [])]).flat(),
      0,
    ],
  ])('%s', (_, requests, times) => {
    expect(counted(requests)).toBe(times);
  });

  it('whatever a body holds, it reads on', () => {
    const condensing = createCondensing();
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue(), (messages, tools) => {
        expect(condensing.see({ messages, tools })).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('summarise-loop in front of the model', () => {
  const bytes = (body: object): Uint8Array => Buffer.from(JSON.stringify(body));

  function fired(requests: readonly object[]): readonly string[] {
    const watch = createStepWatch({});
    return requests
      .flatMap((body) => watch.see(bytes(body), 1))
      .filter(({ detector }) => detector === 'summarise-loop')
      .map(({ severity }) => severity);
  }

  it('warns of an agent whose context never fits, and stops it', () => {
    expect(fired(anew(8, 3)).slice(0, 2)).toEqual(['note', 'stop']);
  });

  it('leaves an agent alone that works long between', () => {
    expect(fired(anew(8, 20))).toEqual([]);
  });

  it('takes the short conversation that begins a turn for no condensed one', () => {
    const watch = createStepWatch({});
    const seen = Array.from({ length: 8 }, (_, turn) =>
      growing(`turn ${turn}`, `t${turn}-`, 3).flatMap((body) => watch.see(bytes(body), turn)),
    ).flat();
    expect(seen.filter(({ detector }) => detector === 'summarise-loop')).toEqual([]);
  });

  it('leaves failures in a row counted: condensing is no success', () => {
    const failing = (id: string): readonly object[] => [
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: { command: id } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, is_error: true, content: `no ${id}` }] },
    ];
    const watch = createStepWatch({ 'error-streak': 6 });
    const body = (opening: string, some: readonly string[]): object => ({
      model: 'm',
      tools: TOOLS,
      messages: [{ role: 'user', content: opening }, ...some.flatMap(failing)],
    });
    const seen = [
      body(OUTPUT.repeat(9), ids('a', 0, 3)),
      body('summary', ids('a', 2, 3)),
      body('summary', ids('a', 2, 6)),
    ].flatMap((one) => watch.see(bytes(one), 1));
    expect(seen.filter(({ detector }) => detector === 'error-streak').map(({ severity }) => severity)).toContain(
      'stop',
    );
  });
});
