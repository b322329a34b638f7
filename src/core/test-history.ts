/** How every test that was ever red moved over the iterations, from the results of checks alone. Pure. */
import { MAX_LISTED } from './check.ts';
import type { CheckResult } from './check.ts';
import { fullIterations } from './state.ts';
import type { RunState } from './state.ts';

/** `absent`: it ran on the base and does not run now. */
export type TestMark = 'red' | 'green' | 'absent';

export interface MarkedTest {
  readonly checkId: string;
  readonly test: string;
  /** Where it changed, oldest first, never empty; 0 is the base. The first mark is red. */
  readonly marks: readonly { readonly iteration: number; readonly mark: TestMark }[];
  /** The newest iteration whose results say anything about it. */
  readonly known: number;
}

/**
 * null: this result does not say. A check that did not end, or whose list of failures is full, says nothing of a test it does
 * not name.
 */
function markIn(result: CheckResult, test: string): TestMark | null {
  if (result.missing.includes(test) || result.newlySkipped.includes(test)) return 'absent';
  if (result.failing.includes(test) || result.newlyFailing.includes(test)) return 'red';
  if (result.conclusion !== 'success' && result.conclusion !== 'failure') return null;
  return result.failing.length < MAX_LISTED && result.missing.length < MAX_LISTED ? 'green' : null;
}

interface Row {
  readonly iteration: number;
  readonly result: CheckResult;
}

function rowsOf(state: RunState, checkId: string): readonly Row[] {
  const of = (results: readonly CheckResult[], iteration: number): readonly Row[] =>
    results.filter((result) => result.checkId === checkId).map((result) => ({ iteration, result }));
  return [...of(state.baseline, 0), ...fullIterations(state).flatMap(({ number, checks }) => of(checks, number))];
}

function follow(checkId: string, test: string, rows: readonly Row[]): readonly MarkedTest[] {
  const marks: { iteration: number; mark: TestMark }[] = [];
  let known = 0;
  for (const { iteration, result } of rows) {
    const mark = markIn(result, test);
    if (mark === null) continue;
    known = iteration;
    const before = marks.at(-1)?.mark ?? 'green';
    if (mark !== before && (marks.length > 0 || mark === 'red')) marks.push({ iteration, mark });
  }
  return marks.length === 0 ? [] : [{ checkId, test, marks, known }];
}

/** Of each check of the policy, the tests that were red at some time, in the order in which they first were. */
export function testHistory(state: RunState): readonly MarkedTest[] {
  return state.policy.checks.flatMap(({ id }) => {
    const rows = rowsOf(state, id);
    const tests = new Set(rows.flatMap(({ result }) => [...result.failing, ...result.newlyFailing]));
    return [...tests].flatMap((test) => follow(id, test, rows));
  });
}
