/** Turns that leave the tree as it was. A tree hash cannot be talked round. */
import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import type { Detector } from './detector.ts';

function unchangedInARow(state: RunState): number {
  let count = 0;
  for (let index = state.iterations.length - 1; index >= 0; index -= 1) {
    const tree = state.iterations[index]?.change?.tree;
    const before = index === 0 ? state.base.tree : state.iterations[index - 1]?.change?.tree;
    if (tree === undefined || tree !== before) break;
    count += 1;
  }
  return count;
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
