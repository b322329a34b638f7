/**
 * A tree that was there before, with others between: A-B-A-B over edits, or two halves of a job that undo each other
 * (mikeyobrien/ralph-orchestrator#66). A tree hash cannot be talked round.
 */
import { fullIterations } from '../state.ts';
import type { RunState } from '../state.ts';
import { onTheWay } from './action.ts';
import type { Detector } from './detector.ts';

/** The iteration whose tree the newest one is again; 0 for the base, null where it is new or did not move. */
function returnedTo(state: RunState): number | null {
  const iterations = fullIterations(state);
  const newest = iterations.at(-1)?.change?.tree;
  const before = iterations.at(-2)?.change?.tree ?? state.base.tree;
  if (newest === undefined || newest === before) return null;
  if (newest === state.base.tree) return 0;
  return iterations.slice(0, -1).find(({ change }) => change?.tree === newest)?.number ?? null;
}

export const cycle: Detector = {
  id: 'cycle',
  summary: 'The tree is one that was there before, with others between.',
  detect(state: RunState) {
    const number = returnedTo(state);
    const where = number === 0 ? 'on the base' : `after iteration ${number}`;
    const seen = `the tree is again what it was ${where}: what was tried between did not help, so try something else`;
    return onTheWay(state, 'cycle', number === null ? null : seen);
  },
};
