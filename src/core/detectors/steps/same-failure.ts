/** Different actions, the same failure: wording and commands change, the outcome does not (OpenHands/OpenHands#3663). */
import type { StepDetector } from './step-detector.ts';
import { countRepetitions, REPETITION_STEPS } from './trail.ts';

export const sameFailure: StepDetector = {
  id: 'same-failure',
  summary: 'Whatever is tried, the failure reads the same.',
  advice: 'what was varied is not the cause; look elsewhere',
  // Healthy sessions stay at 6.
  stopsAt: 8,
  most: REPETITION_STEPS,
  unit: 'times the same failure',
  measure(trail) {
    const newest = trail.recent.at(-1);
    if (newest?.failed !== true) return 0;
    return countRepetitions(trail, (step) => step.failed && step.output === newest.output);
  },
};
