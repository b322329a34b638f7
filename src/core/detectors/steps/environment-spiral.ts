/**
 * Most of what is tried fails, with a success now and then that resets no counter: looking for a compiler that is not there,
 * for the network, for rights. Neither the same action nor the same failure needs to come back.
 */
import type { StepDetector } from './step-detector.ts';
import { countSteps, TRAIL_STEPS } from './trail.ts';

export const environmentSpiral: StepDetector = {
  id: 'environment-spiral',
  summary: `Most of the newest ${TRAIL_STEPS} actions fail, as where a tool, the network or a right is missing.`,
  advice: 'the environment will not give it; work without it and let the supervisor run the checks',
  // Healthy sessions stay at 13 of 24: half way from there to all of them.
  stopsAt: 19,
  most: TRAIL_STEPS,
  unit: `failures in ${TRAIL_STEPS} steps`,
  measure(trail) {
    return trail.recent.at(-1)?.failed === true ? countSteps(trail, (step) => step.failed) : 0;
  },
};
