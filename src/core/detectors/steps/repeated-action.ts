/** The same action with the same result, in a row or with others between. */
import type { StepDetector } from './step-detector.ts';
import { countRepetitions, REPETITION_STEPS, sameOutcome } from './trail.ts';

export const repeatedAction: StepDetector = {
  id: 'repeated-action',
  summary: 'The same action gives the same result again and again.',
  advice: 'the result will not change; do something else',
  // Healthy sessions stay at 2, and harmless repetition at 3 (docs/detectors.md says how the numbers were chosen).
  stopsAt: 4,
  most: REPETITION_STEPS,
  unit: 'times',
  measure(trail) {
    const newest = trail.recent.at(-1);
    return newest === undefined ? 0 : countRepetitions(trail, (step) => sameOutcome(step, newest));
  },
};
