/**
 * One execution of a suite says little about a test that depends on time, order or luck. Checks run several times on the
 * untouched base, so that flaky tests are known before any model call; and again on the change where an execution alone
 * proves nothing. Pure: the engine runs, this says whether to run again and what it all comes to.
 */
import type { CheckResult, TestOutcome, TestStatus } from './check.ts';
import { MAX_LISTED } from './check.ts';
import { mostLenient } from './measure.ts';
import type { BaselineRule } from './policy.ts';

/** Executions on the base where the policy does not say. Two tell a test that fails half of the time every other time. */
export const DEFAULT_REPEAT = 2;

/** A check that takes longer is not repeated unless the policy says so: nobody waits hours for a baseline. */
export const SLOW_CHECK_MS = 60_000;

export interface Execution {
  readonly result: CheckResult;
  /** Empty where the format has no identities. */
  readonly tests: readonly TestOutcome[];
}

/** Neither a crash nor a timeout nor a report that cannot be read. */
function ran({ conclusion }: CheckResult): boolean {
  return conclusion === 'success' || conclusion === 'failure';
}

/** How often a check runs on the base. `repeat`: what the policy says; `first`: its first execution there. */
export function timesOnBase(repeat: number | undefined, first: CheckResult): number {
  // What cannot run stops the run; running it again would only cost time.
  if (!ran(first)) return 1;
  return repeat ?? (first.wallTimeMs > SLOW_CHECK_MS ? 1 : DEFAULT_REPEAT);
}

/** A check without identities is its own only test. */
function statuses({ result, tests }: Execution): ReadonlyMap<string, TestStatus> {
  if (result.tests !== null) return new Map(tests.map(({ id, status }) => [id, status]));
  return new Map([[result.checkId, result.conclusion === 'success' ? 'passed' : 'failed']]);
}

/** Ids whose outcome was not the same in every execution, sorted. One that was not there at all counts as another outcome. */
export function flakyIds(executions: readonly Execution[]): readonly string[] {
  const all = executions.map(statuses);
  const ids = new Set(all.flatMap((one) => [...one.keys()]));
  return [...ids].filter((id) => new Set(all.map((one) => one.get(id))).size > 1).sort();
}

/** Failures that no name stands for are named after the check, so that they never pass for a flaky test. */
function withUnnamed({ result, tests }: Execution, failing: readonly string[]): readonly string[] {
  const named = tests.filter(({ status }) => status === 'failed').length;
  if (result.tests === null || result.failed <= named || failing.includes(result.checkId)) return failing;
  return [...failing, result.checkId];
}

function withoutFlaky(execution: Execution, flaky: ReadonlySet<string>): Pick<CheckResult, 'failing' | 'failures'> {
  const { failing, failures } = execution.result;
  return {
    failing: withUnnamed(
      execution,
      failing.filter((id) => !flaky.has(id)),
    ),
    failures: failures.filter(({ test }) => !flaky.has(test)),
  };
}

/** Every test that ran in any of them. A flaky one that failed anywhere failed. */
function allTests(executions: readonly Execution[]): readonly TestOutcome[] {
  const byId = new Map<string, TestOutcome>();
  for (const test of executions.flatMap(({ tests }) => tests)) {
    const known = byId.get(test.id);
    if (known === undefined || (known.status !== 'failed' && test.status === 'failed')) byId.set(test.id, test);
  }
  return [...byId.values()];
}

/**
 * What several executions on the base come to: at least one. Executions that disagree about running at all are a broken
 * environment; a test that failed in all of them is red; one that failed in some is known to be flaky.
 */
export function foldBase(executions: readonly [Execution, ...Execution[]]): Execution {
  const repeats = executions.length;
  const [first] = executions;
  if (repeats === 1) return first;
  const broken = executions.findIndex(({ result }) => !ran(result));
  const halted = executions[broken];
  if (halted !== undefined) {
    const summary = `execution ${broken + 1} on the same base: ${halted.result.summary}; before it the check ran`;
    return { ...halted, result: { ...halted.result, summary, repeats } };
  }
  const flaky = flakyIds(executions);
  const measured = mostLenient(executions.map(({ result }) => result.measured));
  const shown = executions.find(({ result }) => result.conclusion === 'failure') ?? first;
  const least = measured === undefined ? {} : { measured };
  if (flaky.length === 0) return { ...shown, result: { ...shown.result, ...least, repeats } };
  const told = `${shown.result.summary}; flaky: ${flaky.length === 1 ? '1 test' : `${flaky.length} tests`}`;
  return {
    result: {
      ...shown.result,
      ...withoutFlaky(shown, new Set(flaky)),
      ...least,
      summary: told,
      repeats,
      flaky: flaky.slice(0, MAX_LISTED),
    },
    tests: allTests(executions),
  };
}

/** Red, and not by flaky tests alone. */
export function isSteadilyRed(base: CheckResult): boolean {
  return base.conclusion === 'failure' && base.failing.length > 0;
}

/** Where nothing else is red on the base, making its flaky tests steady is the task. */
export function flakyIsTask(rule: BaselineRule, baseline: readonly CheckResult[]): boolean {
  return rule === 'must-fail' && !baseline.some(isSteadilyRed);
}

/** What executions on the change are weighed by. */
export interface HeadPlan {
  readonly rule: BaselineRule;
  /** The same check on the base. */
  readonly base: CheckResult;
  /** Whether the flaky tests of the base are the task; see `flakyIsTask`. */
  readonly flakyIsTask: boolean;
}

function listOf(ids: readonly string[] | undefined): readonly string[] {
  return ids ?? [];
}

/** Known flaky tests that are nobody's task. */
function excused({ base, flakyIsTask: task }: HeadPlan): ReadonlySet<string> {
  return new Set(task ? [] : listOf(base.flaky));
}

/** What was red and has to be green every time. */
function targets({ rule, base, flakyIsTask: task }: HeadPlan): readonly string[] {
  if (task) return listOf(base.flaky);
  // Where known-red tests may stay red, one that turns green now and then owes nothing.
  return base.tests === null || rule === 'must-fail' ? base.failing : [];
}

/** Something stands in the way that another execution would not take away. */
function isBlamed(plan: HeadPlan, execution: Execution): boolean {
  const { result } = execution;
  if (result.newlyFailing.length + result.missing.length + result.newlySkipped.length > 0) return true;
  if (result.conclusion === 'success') return false;
  const { failing } = withoutFlaky(execution, excused(plan));
  const mayStay = new Set(plan.rule === 'may-pass' && result.tests !== null ? plan.base.failing : []);
  return failing.some((id) => !mayStay.has(id));
}

/** Whether the check runs once more on the change. Never more often than on the base. */
export function againOnHead(plan: HeadPlan, executions: readonly Execution[]): boolean {
  const last = executions.at(-1);
  if (last === undefined) return true;
  if (executions.length >= (plan.base.repeats ?? 1)) return false;
  if (!ran(last.result) || isBlamed(plan, last)) return false;
  return targets(plan).length > 0 || last.result.conclusion === 'failure';
}

/**
 * What the executions on the change come to. They end with the first that stands in the way of acceptance, so the last one
 * is the worst of them.
 */
export function foldHead(plan: HeadPlan, executions: readonly [Execution, ...Execution[]]): CheckResult {
  const last = executions.at(-1) ?? executions[0];
  const before = executions.slice(0, -1).map(statuses);
  const now = statuses(last);
  const passedOnce = targets(plan)
    .filter((id) => now.get(id) !== 'passed' && before.some((one) => one.get(id) === 'passed'))
    .slice(0, MAX_LISTED);
  const known = excused(plan);
  const flaky = [...now].filter(([id, status]) => status === 'failed' && known.has(id)).map(([id]) => id);
  return {
    ...last.result,
    // A whole command that is red is red, however often it was green before.
    ...(last.result.tests === null ? {} : withoutFlaky(last, known)),
    ...(executions.length > 1 ? { repeats: executions.length } : {}),
    ...(flaky.length > 0 ? { flaky: flaky.slice(0, MAX_LISTED) } : {}),
    ...(passedOnce.length > 0 ? { passedOnce } : {}),
  };
}

/** Red by known flaky tests alone, and by nothing a reader of the report had doubts about. */
export function isExcused(check: CheckResult): boolean {
  const { conclusion, failing, flaky = [], tests, doubted = false, exitCode } = check;
  const alone = conclusion === 'failure' && failing.length === 0 && flaky.length > 0;
  return alone && tests !== null && !doubted && exitCode !== null;
}
