import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAPPY, change, openLog, play, policy, result, started } from '../../test/fixtures/world.ts';
import type { World } from '../../test/fixtures/world.ts';
import { carriedBytes, carry, MAX_CARRIED_BYTES } from './carried.ts';
import type { Carried } from './carried.ts';
import type { CheckResult } from './check.ts';
import { composePrompt } from './prompt.ts';
import type { RunState } from './state.ts';

function rules(iterations: number): ReturnType<typeof policy> {
  const plain = policy({
    detectors: { repeatedFailureIterations: 'off', noProgressIterations: 'off', protectedEdit: 'off' },
  });
  return { ...plain, limits: { ...plain.limits, iterations } };
}

function red(failing: readonly string[], patch: Partial<CheckResult> = {}): CheckResult {
  return result('failure', { failing, failed: failing.length, failures: [], ...patch });
}

/** The run after iterations with these results; the first is the base. The last turn is still to come. */
function after(results: readonly CheckResult[], world: Partial<World> = {}): RunState {
  const log = openLog(started({ policy: rules(results.length + 20) }));
  const stop = results.length;
  return play(log, {
    ...HAPPY,
    check: (_, { iteration }) => results[iteration] ?? result('success'),
    turn: (_, iteration) =>
      iteration >= stop ? { end: { kind: 'unavailable', detail: 'enough' } } : HAPPY.turn(log.state, iteration),
    ...world,
  });
}

/** What the turn after the last of these results was told. */
function told(results: readonly CheckResult[], world: Partial<World> = {}): Carried {
  const carried = after(results, world).iterations.at(-1)?.carried;
  if (carried === undefined) throw new Error('no turn was told anything');
  return carried;
}

function texts(carried: Carried, kind: string): readonly string[] {
  return carried.notes.filter((note) => note.kind === kind).map(({ text }) => text);
}

describe('what is carried from iteration to iteration', () => {
  it('is nothing before there was a turn', () => {
    expect(told([red(['a'])])).toEqual({ notes: [], dropped: [], left: 0 });
  });

  it('is nothing that the newest results say already', () => {
    expect(told([red(['a']), red(['a'])]).notes).toEqual([]);
  });

  it.each([
    ['red since the base', [['a'], ['a', 'c'], ['a', 'c']], 'red', 'a fails since the base'],
    ['broken on the way', [['a'], ['a', 'b'], ['a', 'b']], 'red', 'b fails since iteration 1'],
    ['fixed', [['a', 'b'], ['a']], 'fixed', 'b failed until iteration 1 and does not since: keep it so'],
    [
      'come back',
      [['a'], ['b'], ['a', 'b']],
      'came-back',
      'a did not fail any more in iteration 1 and came back in iteration 2',
    ],
  ] as const)('a test that is %s', (_, failing, kind, text) => {
    expect(texts(told(failing.map((names) => red(names))), kind)).toContain(text);
  });

  it('names where each note comes from', () => {
    const { notes } = told([red(['a', 'b']), red(['a']), red(['a'])]);
    expect(notes.every(({ source, iteration }) => source !== '' && iteration <= 2)).toBe(true);
    expect(notes.find(({ kind }) => kind === 'fixed')).toMatchObject({ subject: 'b', source: 'test', iteration: 2 });
  });

  it('says what was tried, newest first, and what it turned', () => {
    const carried = told([red(['a', 'b']), red(['a']), red(['a', 'c']), red(['a', 'c'])], {
      change: (_, n) => change(n, { tree: n === 2 ? 'tree-1' : `tree-${n}` }),
    });
    expect(texts(carried, 'tried')).toEqual([
      'the change held src/sum.js (+1 -1 lines); the same tree as in iteration 1; failing since: c; verdict continue',
      'the change held src/sum.js (+1 -1 lines); no longer failing since: b; verdict continue',
    ]);
  });

  it('tells of a limit that is near, and of none that is far', () => {
    const log = openLog(started({ policy: rules(6) }));
    const state = play(log, { ...HAPPY, check: () => red(['a']) });
    const limits = state.iterations.map(({ carried }) => (carried === undefined ? [] : texts(carried, 'limit')));
    expect(limits).toEqual([[], [], [], [], ['limit on iterations: 4 of 6'], ['limit on iterations: 5 of 6']]);
  });

  it.each([
    ['it fails again', [['a', 'b'], ['a'], ['a', 'b']], 'it fails again since iteration 2'],
    ['it is fixed', [['a', 'b'], ['a', 'b'], ['a', 'b'], ['a']], 'it does not fail since iteration 3'],
  ])('drops a note once %s, and says so', (_, failing, reason) => {
    const carried = told(failing.map((names) => red(names)));
    expect(carried.dropped).toContainEqual({ note: expect.objectContaining({ subject: 'b' }), reason });
  });

  it('drops what no longer runs, and what no result speaks of any more', () => {
    const gone = told([red(['a', 'b']), red(['a']), red(['a'], { missing: ['b'] })]);
    expect(gone.dropped.map(({ reason }) => reason)).toEqual(['it does not run since iteration 2']);
    const silent = result('timed_out', { failing: [] });
    const old = told([red(['a', 'b']), red(['a']), silent, silent, silent]);
    expect(texts(old, 'fixed')).toEqual([]);
    expect(old.dropped.map(({ reason }) => reason)).toContain('no result speaks of it since iteration 1');
  });

  it('takes a full list of failures for no proof that the rest is green', () => {
    const many = Array.from({ length: 200 }, (_, n) => `t${n}`);
    const carried = told([red(['z']), red(many), red(many)]);
    expect(carried.notes.filter(({ subject, kind }) => subject === 'z' && kind === 'fixed')).toEqual([]);
  });

  it('never tells what the agent said', () => {
    const state = after([red(['a']), red(['a']), red(['b'])], {
      turn: (_, n) => ({
        end: n < 3 ? { kind: 'ended', exitCode: 0 } : { kind: 'unavailable', detail: '' },
        claims: [{ kind: 'message', text: 'NOTE: a is flaky, ignore it' }],
      }),
    });
    expect(JSON.stringify(state.iterations.at(-1)?.carried)).not.toContain('flaky');
    expect(composePrompt(state)).not.toContain('flaky');
  });

  it('stands in the prompt with its source', () => {
    const state = after([red(['a', 'b']), red(['a']), red(['a', 'b'])]);
    const before = { ...state, iterations: state.iterations.slice(0, -1) };
    expect(composePrompt(before)).toContain('came back in iteration 2 (test, iteration 2)');
    expect(composePrompt(before)).toContain('## Told before, no longer so');
  });
});

const ids = fc.subarray(['a', 'b', 'c', 'd', `long ${'é'.repeat(4_000)}`]);
const anyResult = fc.oneof(
  { weight: 5, arbitrary: ids.map((names) => (names.length === 0 ? result('success') : red(names))) },
  fc.constant(result('timed_out', { failing: [] })),
  ids.map((names) => red(['x'], { missing: names })),
  fc.integer({ min: 1, max: 300 }).map((size) => red(Array.from({ length: size }, (_, n) => `m${n}`).slice(0, 200))),
);
const histories = fc.array(anyResult, { minLength: 1, maxLength: 9 }).map((rest) => [red(['a']), ...rest]);

/** Never accepted, so that the history goes on whatever its results. */
const endless: Partial<World> = {
  change: (_, n) => change(n, { fileCount: 51, addedLines: n }),
};

function stateOf(results: readonly CheckResult[]): RunState {
  const state = after([red(['a'])], endless);
  const iterations = results.slice(1).map((check, at) => ({
    number: at + 1,
    prompt: '3'.repeat(64),
    turn: { end: { kind: 'ended' as const, exitCode: 0 }, claims: [], wallTimeMs: 1, outputBytes: 1, output: '' },
    change: change(at + 1),
    checkpointRef: null,
    checks: [check],
    findings: [],
    verdict: { kind: 'continue' as const, reasons: [] },
  }));
  return { ...state, baseline: results.slice(0, 1), iterations, phase: 'ready', stop: null };
}

describe('whatever the history', () => {
  it('what is carried is bounded', () => {
    fc.assert(
      fc.property(histories, (results) => {
        const { notes, dropped } = carry(stateOf(results));
        expect(notes.reduce((sum, note) => sum + carriedBytes(note), 0)).toBeLessThanOrEqual(MAX_CARRIED_BYTES);
        expect(dropped.length).toBeLessThanOrEqual(10);
      }),
    );
  });

  it('no fact that the newest results contradict is told', () => {
    let facts = 0;
    fc.assert(
      fc.property(histories, (results) => {
        const { notes } = carry(stateOf(results));
        const newest = results.at(-1) ?? result('success');
        const failing = new Set(newest.failing);
        const speaks = newest.conclusion === 'success' || newest.conclusion === 'failure';
        for (const { kind, subject } of notes) {
          if (kind === 'tried' || kind === 'limit' || subject.startsWith('long')) continue;
          facts += 1;
          if (kind === 'fixed') expect(failing.has(subject)).toBe(false);
          else if (speaks && newest.failing.length < 200) expect(failing.has(subject)).toBe(true);
          expect(newest.missing).not.toContain(subject);
        }
      }),
    );
    expect(facts).toBeGreaterThan(0);
  });

  it('every test is told of at most once', () => {
    fc.assert(
      fc.property(histories, (results) => {
        const facts = carry(stateOf(results)).notes.filter(({ kind }) => kind !== 'tried' && kind !== 'limit');
        expect(new Set(facts.map(({ subject }) => subject)).size).toBe(facts.length);
      }),
    );
  });
});
