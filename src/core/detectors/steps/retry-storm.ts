/** The same action fails again and again, however its failure reads: output that is never the same twice hides a spiral. */
import type { StepDetector } from './step-detector.ts';
import { countRepetitions, REPETITION_STEPS, sameAction } from './trail.ts';

export const retryStorm: StepDetector = {
  id: 'retry-storm',
  summary: 'The same action fails again and again, whatever its failure says.',
  advice: 'it will fail again as it is; find out why before another try',
  // Healthy sessions stay at 2, counting half what came before an edit.
  stopsAt: 4,
  most: REPETITION_STEPS,
  unit: 'failures',
  measure(trail) {
    const newest = trail.recent.at(-1);
    if (newest?.failed !== true) return 0;
    return countRepetitions(trail, (step) => step.failed && sameAction(step, newest));
  },
};
