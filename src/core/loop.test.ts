/** Properties of evolve and decide together, over arbitrary worlds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAPPY, answer, change, file, openLog, play, policy, result, started } from '../../test/fixtures/world.ts';
import type { World } from '../../test/fixtures/world.ts';
import type { CheckResult } from './check.ts';
import { decide } from './decide.ts';
import type { AgentClaim, TurnEnd } from './event.ts';
import { evolve, foldRun } from './evolve.ts';
import type { ResolvedPolicy } from './policy.ts';
import type { RunState } from './state.ts';
import { outcomeOf, statusOf } from './state.ts';

const conclusions = fc.constantFrom('success', 'failure', 'timed_out', 'inconclusive', 'unrunnable');

const results = fc
  .record({
    conclusion: conclusions,
    counted: fc.integer({ min: 0, max: 3 }),
    newlyFailing: fc.subarray(['a', 'b']),
    missing: fc.subarray(['c']),
    newlySkipped: fc.subarray(['d']),
    tests: fc.constantFrom(null, '1'.repeat(64)),
    failing: fc.subarray(['a', 'b', 'c']),
  })
  .map(({ conclusion, ...patch }): CheckResult => result(conclusion, patch));

const ends: fc.Arbitrary<TurnEnd> = fc.oneof(
  fc.record({ kind: fc.constant('ended' as const), exitCode: fc.constantFrom(0, 1, null) }),
  fc.constant<TurnEnd>({ kind: 'cancelled' }),
  fc.constant<TurnEnd>({ kind: 'crashed', detail: 'SIGSEGV' }),
  fc.constant<TurnEnd>({ kind: 'limit', breach: { limit: 'idleMs', value: 11, ceiling: 10 } }),
  fc.constant<TurnEnd>({ kind: 'limit', breach: { limit: 'wallTimeMs', value: 11, ceiling: 10 } }),
  fc.constant<TurnEnd>({ kind: 'limit', breach: { limit: 'costUsd', value: 4.9, ceiling: 5, refused: 0.2 } }),
  fc
    .record({ until: fc.constantFrom(null, 5), exhausted: fc.boolean() })
    .map(({ until, exhausted }): TurnEnd => ({ kind: 'quota', quota: { provider: 'acme', until, exhausted } })),
);

const claims = fc.array(
  fc.record({
    kind: fc.constantFrom('done', 'blocked', 'impossible', 'message'),
    text: fc.string({ maxLength: 10 }),
  }),
  { maxLength: 2 },
);

const changes = fc.record({
  tree: fc.constantFrom('tree-base', 'tree-a', 'tree-b', 'tree-c'),
  files: fc.array(
    fc
      .record({
        path: fc.constantFrom('a.js', 'a.test.js', 'infra/x.tf'),
        protected: fc.boolean(),
        inScope: fc.boolean(),
        zones: fc.subarray(['infrastructure']),
      })
      .map(({ path, ...patch }) => file(path, patch)),
    { maxLength: 4 },
  ),
});

const policies = fc
  .record({
    iterations: fc.integer({ min: 1, max: 6 }),
    changedFiles: fc.constantFrom(2, 'unlimited' as const),
    baseline: fc.constantFrom('must-fail' as const, 'may-pass' as const),
    repeated: fc.constantFrom(1, 2, 3, 'off' as const),
    noProgress: fc.constantFrom(1, 2, 'off' as const),
    protectedEdit: fc.constantFrom('off' as const, 'note' as const, 'hold' as const, 'stop' as const),
  })
  .map((drawn): ResolvedPolicy => {
    const plain = policy();
    return {
      ...plain,
      class: { ...plain.class, baseline: drawn.baseline },
      limits: { ...plain.limits, iterations: drawn.iterations, changedFiles: drawn.changedFiles },
      detectors: {
        repeatedFailureIterations: drawn.repeated,
        noProgressIterations: drawn.noProgress,
        protectedEdit: drawn.protectedEdit,
      },
    };
  });

interface Draws {
  readonly policy: ResolvedPolicy;
  readonly baseline: CheckResult;
  readonly results: readonly CheckResult[];
  readonly turns: readonly { end: TurnEnd; claims: AgentClaim[] }[];
  readonly changes: readonly { tree: string; files: ReturnType<typeof file>[] }[];
  readonly rehearsal: boolean;
}

const draws: fc.Arbitrary<Draws> = fc.record({
  policy: policies,
  baseline: fc.oneof({ weight: 4, arbitrary: fc.constant(result('failure')) }, { weight: 1, arbitrary: results }),
  results: fc.array(results, { minLength: 6, maxLength: 6 }),
  turns: fc.array(fc.record({ end: ends, claims }), { minLength: 6, maxLength: 6 }),
  changes: fc.array(changes, { minLength: 6, maxLength: 6 }),
  rehearsal: fc.boolean(),
});

function worldOf(drawn: Draws): World {
  return {
    turn: (_state, iteration) => drawn.turns[iteration - 1]!,
    change: (_state, iteration) => change(iteration, drawn.changes[iteration - 1]),
    check: (_state, { stage, iteration }) => (stage === 'baseline' ? drawn.baseline : drawn.results[iteration - 1]!),
    rehearsal: () => drawn.rehearsal,
    experiment: (state, command) => HAPPY.experiment(state, command),
  };
}

function everyState(events: ReturnType<typeof openLog>['events']): RunState[] {
  const states: RunState[] = [];
  let state: RunState | null = null;
  for (const event of events) {
    state = evolve(state, event);
    states.push(state);
  }
  return states;
}

describe('the loop over arbitrary worlds', () => {
  it('always ends: it stops or waits for a person, within its limit on iterations', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const log = openLog(started({ policy: drawn.policy }));
        const state = play(log, worldOf(drawn));
        expect(['stopped', 'waiting']).toContain(statusOf(state));
        expect(state.iterations.length).toBeLessThanOrEqual(drawn.policy.limits.iterations as number);
      }),
      { numRuns: 600 },
    );
  });

  it('has a command in every state but the stopped one, and none in that', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const log = openLog(started({ policy: drawn.policy }));
        play(log, worldOf(drawn));
        for (const state of everyState(log.events)) {
          expect(decide(state).length === 0).toBe(state.phase === 'stopped');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('folds the same events to the same state, from any point where it was interrupted', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (drawn, cut) => {
        const log = openLog(started({ policy: drawn.policy }));
        const state = play(log, worldOf(drawn));
        const at = cut % log.events.length;
        const before = at === 0 ? null : foldRun(log.events.slice(0, at));
        const resumed = log.events.slice(at).reduce<RunState | null>(evolve, before);
        expect(resumed).toEqual(state);
        expect(foldRun(structuredClone(log.events))).toEqual(state);
      }),
      { numRuns: 300 },
    );
  });

  it('never decides without an event: the state after a command differs from the one before', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const log = openLog(started({ policy: drawn.policy }));
        for (let count = 0; count < 200; count += 1) {
          const [command] = decide(log.state);
          if (command === undefined || command.type === 'wait') return;
          const before = log.state.lastSeq;
          answer(log, command, worldOf(drawn));
          expect(log.state.lastSeq).toBeGreaterThan(before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('ends at any instant of any log when the supervisor dies there, without taking a turn twice', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (drawn, cut) => {
        const whole = openLog(started({ policy: drawn.policy }));
        play(whole, worldOf(drawn));
        const survived = whole.events.slice(0, 1 + (cut % whole.events.length));
        const log = openLog(started({ policy: drawn.policy }));
        log.append(...survived.slice(1));
        play(log, worldOf(drawn));
        const turns = log.events.filter((event) => event.type === 'turn.requested').map((event) => event.iteration);
        expect(new Set(turns).size).toBe(turns.length);
      }),
      { numRuns: 400 },
    );
  });

  it('accepts nothing without evidence', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const log = openLog(started({ policy: drawn.policy }));
        const state = play(log, worldOf(drawn));
        if (outcomeOf(state) !== 'accepted') return;
        const last = state.iterations.at(-1)!;
        expect(last.change!.fileCount).toBeGreaterThan(0);
        expect(last.checks.length).toBe(drawn.policy.checks.length);
        for (const check of last.checks) {
          expect(check.counted).toBeGreaterThan(0);
          expect(check.newlyFailing).toEqual([]);
          expect(check.missing).toEqual([]);
          expect(check.newlySkipped).toEqual([]);
        }
        expect(last.change!.files.every((changed) => changed.inScope && changed.zones.length === 0)).toBe(true);
        expect(state.undo?.rehearsal?.worked).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('refuses any log with an event left out, repeated or swapped', () => {
    fc.assert(
      fc.property(draws, fc.nat(), fc.constantFrom('drop', 'repeat', 'swap'), (drawn, at, how) => {
        const log = openLog(started({ policy: drawn.policy }));
        play(log, worldOf(drawn));
        const index = 1 + (at % (log.events.length - 2));
        const events = [...log.events];
        if (how === 'drop') events.splice(index, 1);
        if (how === 'repeat') events.splice(index, 0, events[index]!);
        if (how === 'swap') [events[index], events[index + 1]] = [events[index + 1]!, events[index]!];
        expect(() => foldRun(events)).toThrow(/contradicts itself/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('one run, told as a story', () => {
  it('accepts on the last allowed iteration: acceptance comes before limits', () => {
    const base = policy();
    const log = openLog(started({ policy: { ...base, limits: { ...base.limits, iterations: 1 } } }));
    const state = play(log, HAPPY);
    expect(state.stop?.reason).toBe('accepted');
    expect(state.limitsReached).toEqual([]);
  });

  it('stops by the limit when the last iteration is red', () => {
    const base = policy({
      detectors: { repeatedFailureIterations: 'off', noProgressIterations: 'off', protectedEdit: 'hold' },
    });
    const log = openLog(started({ policy: { ...base, limits: { ...base.limits, iterations: 2 } } }));
    const state = play(log, { ...HAPPY, check: () => result('failure') });
    expect(state.stop?.reason).toBe('limit-iterations');
    expect(state.limitsReached).toEqual([{ limit: 'iterations', value: 2, ceiling: 2 }]);
  });

  it('accepts work that was right although the clock ran out in the middle of the turn', () => {
    const breach = { limit: 'wallTimeMs', value: 60, ceiling: 50 } as const;
    const state = play(openLog(), { ...HAPPY, turn: () => ({ end: { kind: 'limit', breach } }) });
    expect(state.stop?.reason).toBe('accepted');
  });

  it('takes no turn when the acceptance already holds on the base', () => {
    const state = play(openLog(), { ...HAPPY, check: () => result('success') });
    expect(state.stop?.reason).toBe('already-accepted');
    expect(state.iterations).toEqual([]);
  });

  it.each(['timed_out', 'inconclusive', 'unrunnable'] as const)(
    'takes no turn when a check is %s on the base',
    (conclusion) => {
      const state = play(openLog(), { ...HAPPY, check: () => result(conclusion) });
      expect(state.stop?.reason).toBe('environment-broken');
      expect(state.iterations).toEqual([]);
    },
  );

  it('waits for a person in a risk zone, and only a decision on that very diff ends the wait', () => {
    const risky = {
      ...HAPPY,
      change: (_: RunState, n: number) => change(n, { files: [file('infra/x.tf', { zones: ['infrastructure'] })] }),
    };
    const log = openLog();
    const waiting = play(log, risky);
    expect(statusOf(waiting)).toBe('waiting');
    expect(decide(waiting)).toEqual([{ type: 'wait' }]);
    const other = { decision: 'approved', by: 'bob', reason: '', diffHash: 'f'.repeat(64), endRun: false } as const;
    expect(() => log.append({ type: 'approval.decided', approval: other })).toThrow(/approval-for-other-change/);
    log.events.pop();
    log.append({ type: 'approval.decided', approval: { ...other, diffHash: waiting.approvalRequest!.diffHash } });
    expect(play(log, risky).stop).toMatchObject({ reason: 'accepted', detail: 'approved by bob' });
  });

  it('goes on after a rejection, and tells the agent why', () => {
    const risky = {
      ...HAPPY,
      change: (_: RunState, n: number) => change(n, { files: [file('infra/x.tf', { zones: ['infrastructure'] })] }),
    };
    const log = openLog();
    const { diffHash } = play(log, risky).approvalRequest!;
    const approval = { decision: 'rejected', by: 'bob', reason: 'keep the old name', diffHash, endRun: false } as const;
    log.append({ type: 'approval.decided', approval });
    const [command] = decide(log.state);
    expect(command).toMatchObject({ type: 'takeTurn', iteration: 2 });
    expect(command?.type === 'takeTurn' ? command.prompt : '').toContain('keep the old name');
  });

  it('parks for a freeze between its steps, whatever it would do next, and goes on when that is over', () => {
    const freeze = { id: 'f1', repository: null, paths: ['**'], reason: 'outage', by: 'ann', until: null };
    const steps: string[] = [];
    const log = openLog();
    for (let count = 0; count < 100; count += 1) {
      const [command] = decide(log.state);
      if (command === undefined) break;
      const { phase } = log.state;
      log.append({ type: 'run.frozen', freeze });
      const parked = decide(log.state)[0]?.type === 'wait';
      steps.push(`${phase}: ${parked ? 'parked' : 'goes on'}`);
      expect(statusOf(log.state)).toBe(parked ? 'waiting' : 'running');
      log.append({ type: 'run.thawed', freezes: ['f1'] });
      expect(decide(log.state)[0]?.type).toBe(command.type);
      answer(log, command, HAPPY);
    }
    expect(log.state.stop?.reason).toBe('accepted');
    // What an agent did is collected, and what was judged is offered: only landing is kept from it then.
    expect([...new Set(steps)]).toEqual([
      'preparing: parked',
      'baseline: parked',
      'ready: parked',
      'turned: goes on',
      'collected: parked',
      'judged: goes on',
      'rehearsed: goes on',
    ]);
  });

  it('collects a turn that a freeze ended before it parks, and a stop wins over a freeze', () => {
    const freeze = { id: 'f1', repository: null, paths: ['**'], reason: 'outage', by: 'ann', until: null };
    const log = openLog();
    while (decide(log.state)[0]?.type !== 'takeTurn') for (const one of decide(log.state)) answer(log, one, HAPPY);
    log.append({ type: 'turn.requested', iteration: 1, prompt: '3'.repeat(64) }, { type: 'run.frozen', freeze });
    expect(statusOf(log.state)).toBe('running');
    const ended = { iteration: 1, end: { kind: 'cancelled' }, claims: [], wallTimeMs: 1, outputBytes: 0 } as const;
    log.append({ type: 'turn.finished', ...ended, output: '4'.repeat(64) });
    const [collect] = decide(log.state);
    expect(collect).toMatchObject({ type: 'collectChange' });
    answer(log, collect!, HAPPY);
    expect(decide(log.state)).toEqual([{ type: 'wait' }]);
    log.append({ type: 'stop.requested', by: 'bob' });
    expect(decide(log.state)[0]).toMatchObject({ type: 'record', events: [{ reason: 'interrupted' }] });
  });

  it('is not accepted when the undo did not work in the rehearsal', () => {
    const state = play(openLog(), { ...HAPPY, rehearsal: () => false });
    expect(state.stop).toMatchObject({ reason: 'undo-failed', detail: 'conflict in src/sum.js' });
  });

  it('collects what a cancelled turn left before it stops', () => {
    const log = openLog();
    const stopping: World = {
      ...HAPPY,
      turn: () => {
        log.append({ type: 'stop.requested', by: 'Ctrl-C' });
        return { end: { kind: 'cancelled' } };
      },
    };
    const state = play(log, stopping);
    expect(state.stop).toMatchObject({ reason: 'interrupted', detail: 'stopped by Ctrl-C' });
    expect(state.iterations[0]?.change?.checkpoint).toBeDefined();
  });

  it('believes no claim: an agent that says done stays in the loop while the checks are red', () => {
    const lying: World = {
      ...HAPPY,
      turn: () => ({ end: { kind: 'ended', exitCode: 0 }, claims: [{ kind: 'done', text: 'all 12 tests pass' }] }),
      check: () => result('failure'),
    };
    const state = play(openLog(), lying);
    expect(outcomeOf(state)).toBe('not-accepted');
    expect(state.stop?.reason).toBe('repeated-failure');
  });
});
