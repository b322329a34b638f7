/** Turns that leave the tree as it was. A tree hash cannot be talked round. */
import type { Finding } from '../finding.ts';
import { fullIterations } from '../state.ts';
import type { RunState } from '../state.ts';
import { newestInARow } from './detector.ts';
import type { Detector } from './detector.ts';

function unchangedInARow(state: RunState): number {
  const { base } = state;
  // One that a quota cut short had no time to change anything.
  const iterations = fullIterations(state);
  return newestInARow(iterations, ({ change }, index) => {
    const before = index === 0 ? base.tree : iterations[index - 1]?.change?.tree;
    return change !== null && change.tree === before;
  });
}

export const noProgress: Detector = {
  id: 'no-progress',
  summary: 'The agent takes turns but leaves every file as it was.',
  detect(state: RunState): readonly Finding[] {
    const limit = state.policy.detectors.noProgressIterations;
    if (limit === 'off') return [];
    const count = unchangedInARow(state);
    if (count < limit) return [];
    const message = `the tree did not change for ${count} ${count === 1 ? 'iteration' : 'iterations'} in a row (limit ${limit})`;
    return [{ detector: 'no-progress', severity: 'stop', message, location: null }];
  },
};
