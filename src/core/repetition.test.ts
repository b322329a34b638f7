import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { result } from '../../test/fixtures/world.ts';
import { compareTests } from './check.ts';
import type { CheckResult, TestStatus } from './check.ts';
import { judge } from './judge.ts';
import { judgeBaseline } from './judge-baseline.ts';
import { againOnHead, flakyIds, flakyIsTask, foldBase, foldHead, isExcused, timesOnBase } from './repetition.ts';
import type { Execution, HeadPlan } from './repetition.ts';
import { change } from '../../test/fixtures/world.ts';
import type { BaselineRule } from './policy.ts';

type Statuses = Readonly<Record<string, TestStatus>>;

const idsOf = (statuses: Statuses, status: TestStatus): readonly string[] =>
  Object.keys(statuses).filter((id) => statuses[id] === status);

/** One execution, as the engine would make it. `before`: the base it is compared with. */
function ran(statuses: Statuses, before?: Execution): Execution {
  const tests = Object.entries(statuses).map(([id, status]) => ({ id, status }));
  const failing = idsOf(statuses, 'failed');
  const flaky = new Set(before?.result.flaky);
  const steady = (all: Execution['tests']): Execution['tests'] => all.filter(({ id }) => !flaky.has(id));
  const moved = compareTests(before === undefined ? null : steady(before.tests), steady(tests));
  const conclusion = failing.length > 0 ? 'failure' : 'success';
  const failures = failing.map((test) => ({ test, message: 'x' }));
  return { tests, result: result(conclusion, { ...moved, failing, failures, failed: failing.length }) };
}

function exited(code: number): Execution {
  const none = { report: 'exit-code', tests: null, counted: 1 } as const;
  if (code === 0) return { tests: [], result: result('success', none) };
  return { tests: [], result: result('failure', { ...none, failing: ['test'] }) };
}

function broken(conclusion: CheckResult['conclusion']): Execution {
  return { tests: [], result: result(conclusion, { failing: ['test'], summary: 'nothing to read' }) };
}

function base(...executions: readonly [Execution, ...Execution[]]): Execution {
  return foldBase(executions);
}

function planOf(on: Execution, rule: BaselineRule = 'must-fail'): HeadPlan {
  return { rule, base: on.result, flakyIsTask: flakyIsTask(rule, [on.result]) };
}

/** As the engine does it. `next`: the executions there are, in order. */
function onHead(plan: HeadPlan, next: readonly Execution[]): { result: CheckResult; executions: number } {
  const [first, ...rest] = next;
  if (first === undefined) throw new Error('a check runs at least once');
  const executions: [Execution, ...Execution[]] = [first];
  while (againOnHead(plan, executions)) {
    const one = rest.shift();
    if (one === undefined) throw new Error('the check ran more often than was expected');
    executions.push(one);
  }
  return { result: foldHead(plan, executions), executions: executions.length };
}

function verdict(on: Execution, head: CheckResult, rule: BaselineRule = 'must-fail'): string {
  return judge({
    rule,
    baseline: [on.result],
    checks: [head],
    change: change(1),
    findings: [],
    sizeBreaches: [],
    consumptionBreaches: [],
    turnBreach: null,
    claims: [],
  }).kind;
}

const RED = { target: 'failed', other: 'passed' } as const;
const GREEN = { target: 'passed', other: 'passed' } as const;

describe('how often a check runs on the base', () => {
  it.each([
    ['twice by default', undefined, result('success'), 2],
    ['once where it is slow', undefined, result('success', { wallTimeMs: 60_001 }), 1],
    ['as the policy says, also where it is slow', 4, result('failure', { wallTimeMs: 600_000 }), 4],
    ['once where it cannot run', 4, result('unrunnable'), 1],
    ['once where it cannot be read', undefined, result('inconclusive'), 1],
  ])('is %s', (_what, repeat, first, times) => {
    expect(timesOnBase(repeat, first)).toBe(times);
  });
});

describe('several executions on the base', () => {
  it('know a test as flaky whose outcome was not the same, also when it was not there once', () => {
    const flaky = flakyIds([ran({ a: 'passed', b: 'failed', c: 'passed' }), ran({ a: 'failed', b: 'failed' })]);
    expect(flaky).toEqual(['a', 'c']);
  });

  it('keep what failed every time apart from what failed once', () => {
    const folded = base(ran({ ...RED, luck: 'passed' }), ran({ ...RED, luck: 'failed' })).result;
    expect(folded).toMatchObject({ conclusion: 'failure', failing: ['target'], flaky: ['luck'], repeats: 2 });
    expect(folded.failures.map(({ test }) => test)).toEqual(['target']);
  });

  it.each(['timed_out', 'inconclusive', 'unrunnable'] as const)(
    'are a broken environment where one of them was %s',
    (conclusion) => {
      const folded = base(ran(RED), broken(conclusion)).result;
      expect(judgeBaseline('must-fail', [folded])).toMatchObject({ kind: 'stop', stopReason: 'environment-broken' });
      expect(folded.summary).toContain('execution 2 on the same base: nothing to read');
    },
  );

  it('say of a command alone that it is flaky', () => {
    expect(base(exited(0), exited(1)).result).toMatchObject({ flaky: ['test'], failing: [], conclusion: 'failure' });
  });

  it('never take failures without a name for flaky ones', () => {
    const unnamed = ran({ luck: 'failed' });
    const more = { ...unnamed, result: { ...unnamed.result, failed: 2 } };
    expect(base(more, ran({ luck: 'passed' })).result.failing).toEqual(['test']);
  });

  it('change nothing where they agree', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom<TestStatus>('passed', 'failed', 'skipped')),
        fc.integer({ min: 2, max: 5 }),
        (statuses, times) => {
          const one = ran(statuses);
          const all = Array.from({ length: times }, () => one) as [Execution, ...Execution[]];
          expect(foldBase(all)).toEqual({ ...one, result: { ...one.result, repeats: times } });
        },
      ),
    );
  });
});

describe('executions on a change', () => {
  const known = base(ran({ ...RED, luck: 'passed' }), ran({ ...RED, luck: 'failed' }));

  it('are repeated until what was red was green as often as the base was measured', () => {
    const on = base(ran(RED), ran(RED), ran(RED));
    const { result: head, executions } = onHead(planOf(on), [ran(GREEN, on), ran(GREEN, on), ran(GREEN, on)]);
    expect(executions).toBe(3);
    expect(verdict(on, head)).toBe('accept');
  });

  it('name a test that passes only once, and refuse the change', () => {
    const on = base(ran(RED), ran(RED));
    const { result: head } = onHead(planOf(on), [ran(GREEN, on), ran(RED, on)]);
    expect(head.passedOnce).toEqual(['target']);
    expect(verdict(on, head)).toBe('continue');
  });

  it('refuse a command that is green only once', () => {
    const on = base(exited(1), exited(1));
    const { result: head } = onHead(planOf(on), [exited(0), exited(1)]);
    expect(head.passedOnce).toEqual(['test']);
    expect(verdict(on, head)).toBe('continue');
  });

  it('tolerate a known flaky test by name', () => {
    const luckless = ran({ ...GREEN, luck: 'failed' }, known);
    const { result: head, executions } = onHead(planOf(known), [luckless, luckless]);
    expect([executions, head.flaky, head.newlyFailing]).toEqual([2, ['luck'], []]);
    expect(verdict(known, head)).toBe('accept');
  });

  it('do not miss a flaky test that is gone', () => {
    const { result: head } = onHead(planOf(known), [ran(GREEN, known), ran(GREEN, known)]);
    expect(verdict(known, head)).toBe('accept');
  });

  it('end with the first that is red by something else', () => {
    const worse = ran({ target: 'passed', other: 'failed', luck: 'failed' }, known);
    const { result: head, executions } = onHead(planOf(known), [worse]);
    expect([executions, head.failing]).toEqual([1, ['other']]);
    expect(verdict(known, head)).toBe('continue');
  });

  it('are one only, where the base was measured once', () => {
    const on = base(ran(RED));
    expect(onHead(planOf(on), [ran(GREEN, on)]).executions).toBe(1);
  });

  it('ask a flaky test to pass every time where it is the task', () => {
    const on = base(ran({ luck: 'passed' }), ran({ luck: 'failed' }));
    const [pass, fail] = [ran({ luck: 'passed' }, on), ran({ luck: 'failed' }, on)];
    expect(verdict(on, onHead(planOf(on), [pass, pass]).result)).toBe('accept');
    expect(verdict(on, onHead(planOf(on), [pass, fail]).result)).toBe('continue');
    expect(verdict(on, onHead(planOf(on), [fail]).result)).toBe('continue');
  });

  it('want one green execution of a flaky command, and no more', () => {
    const on = base(exited(0), exited(1));
    const plan = planOf(on, 'may-pass');
    expect(verdict(on, onHead(plan, [exited(1), exited(0)]).result, 'may-pass')).toBe('accept');
    expect(verdict(on, onHead(plan, [exited(1), exited(1)]).result, 'may-pass')).toBe('continue');
  });

  it.each<[string, Partial<CheckResult>]>([
    ['the report left doubts', { doubted: true }],
    ['the command was killed', { exitCode: null }],
    ['nothing has an identity', { tests: null }],
  ])('excuse nothing where %s', (_what, patch) => {
    const red = result('failure', { failing: [], flaky: ['luck'] });
    expect([isExcused(red), isExcused({ ...red, ...patch })]).toEqual([true, false]);
  });

  it('never accept a red test that is not known to be flaky, whatever else happens', () => {
    const status = fc.constantFrom<TestStatus>('passed', 'failed', 'skipped');
    const outcome = fc.record({ target: status, other: status, luck: status });
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 2, maxLength: 2 }), (outcomes) => {
        const { result: head, executions } = onHead(
          planOf(known),
          outcomes.map((one) => ran(one, known)),
        );
        const seen = outcomes.slice(0, executions);
        const right = seen.every(({ target, other }) => target === 'passed' && other === 'passed');
        expect(verdict(known, head) === 'accept').toBe(right && executions === 2);
      }),
    );
  });
});
