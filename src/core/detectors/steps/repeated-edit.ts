/**
 * The same edit made over and over: each succeeds, each result differs because the file has grown by it. Only writing tools
 * count, so that an agent that polls a log is not taken for one that spins.
 */
import type { StepDetector } from './step-detector.ts';
import { newestSteps, sameAction, TRAIL_STEPS } from './trail.ts';

export const repeatedEdit: StepDetector = {
  id: 'repeated-edit',
  summary: 'The same edit is made over and over, and the file grows by it each time.',
  advice: 'the edit is already there; read the file before the next one',
  // Healthy sessions stay at 1, and harmless repetition at 3.
  stopsAt: 5,
  most: TRAIL_STEPS,
  unit: 'times in a row',
  measure(trail) {
    const newest = trail.recent.at(-1);
    return newest?.kind === 'write' ? newestSteps(trail, (step) => sameAction(step, newest)) : 0;
  },
};
