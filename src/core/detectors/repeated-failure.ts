/**
 * The same failures, iteration after iteration. Judged by outcome (which tests fail, and how), never by the wording of
 * the agent: wording misses varied phrasing, and punishes honest work that is repetitive (OpenHands/OpenHands#5355).
 */
import type { Finding } from '../finding.ts';
import { fullIterations } from '../state.ts';
import type { Iteration, RunState } from '../state.ts';
import { newestInARow } from './detector.ts';
import type { Detector } from './detector.ts';

/** Numbers, hexadecimal runs and durations change from run to run without meaning anything. */
function normalised(message: string): string {
  const firstLine = message.split('\n', 1)[0] ?? '';
  return firstLine
    .replaceAll(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b/gi, '#')
    .replaceAll(/\d+(\.\d+)?/g, '#')
    .trim();
}

/** null where nothing failed or nothing ran. */
export function failureFingerprint(iteration: Iteration): string | null {
  const red = iteration.checks.filter((check) => check.conclusion !== 'success');
  if (red.length === 0) return null;
  return JSON.stringify(
    red.map((check) => [
      check.checkId,
      check.conclusion,
      check.failing,
      check.failures.map((note) => normalised(note.message)),
    ]),
  );
}

function sameInARow(iterations: readonly Iteration[]): number {
  const newest = iterations.at(-1);
  const wanted = newest === undefined ? null : failureFingerprint(newest);
  if (wanted === null) return 0;
  return newestInARow(iterations, (iteration) => failureFingerprint(iteration) === wanted);
}

export const repeatedFailure: Detector = {
  id: 'repeated-failure',
  summary: 'The same tests fail in the same way, iteration after iteration.',
  detect(state: RunState): readonly Finding[] {
    const limit = state.policy.detectors.repeatedFailureIterations;
    if (limit === 'off') return [];
    const count = sameInARow(fullIterations(state));
    if (count >= limit) {
      const message = `the same failures ${count} iterations in a row (limit ${limit})`;
      return [{ detector: 'repeated-failure', severity: 'stop', message, location: null }];
    }
    if (count > 1 && count === limit - 1) {
      const message = `the same failures ${count} iterations in a row; once more stops the run: try another approach`;
      return [{ detector: 'repeated-failure', severity: 'note', message, location: null }];
    }
    return [];
  },
};
