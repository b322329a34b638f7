/** A change that gets larger from iteration to iteration while as many tests fail as before: more of what does not help. */
import { fullIterations } from '../state.ts';
import type { Iteration, RunState } from '../state.ts';
import { onTheWay } from './action.ts';
import { newestInARow } from './detector.ts';
import type { Detector } from './detector.ts';

/** Growing twice in a row, three iterations in all, before a word is said: a fix may well take two. */
const GROWN_ITERATIONS = 2;

function linesOf({ change }: Iteration): number {
  return (change?.addedLines ?? 0) + (change?.removedLines ?? 0);
}

function failedOf({ checks }: Iteration): number {
  return checks.reduce((sum, { failed }) => sum + failed, 0);
}

function grew(before: Iteration | undefined, now: Iteration): boolean {
  if (before === undefined || failedOf(now) === 0) return false;
  return linesOf(now) > linesOf(before) && failedOf(now) >= failedOf(before);
}

export const growingEdits: Detector = {
  id: 'growing-edits',
  summary: 'The change grows from iteration to iteration, and no fewer tests fail.',
  detect(state: RunState) {
    const iterations = fullIterations(state);
    const count = newestInARow(iterations, (iteration, index) => grew(iterations[index - 1], iteration));
    const newest = iterations.at(-1);
    const lines = newest === undefined ? 0 : linesOf(newest);
    const seen = `the change grew ${count} times in a row, to ${lines} lines, and no fewer tests fail: take back what did not help`;
    return onTheWay(state, 'growing-edits', count < GROWN_ITERATIONS ? null : seen);
  },
};
