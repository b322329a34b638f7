/**
 * The context is condensed, and condensed again before anything was done: it cannot get below its limit
 * (Kilo-Org/kilocode#13983: 408 attempts; anthropics/claude-code#94481: 106 in one session).
 */
import type { StepDetector } from './step-detector.ts';
import { countSteps, TRAIL_STEPS } from './trail.ts';

export const summariseLoop: StepDetector = {
  id: 'summarise-loop',
  summary: 'The agent condenses its context again and again and gets little done between.',
  advice: 'read less at once, so that the context fits',
  // A context that was condensed has room for more than a handful of steps; the window holds at most 24.
  stopsAt: 5,
  most: TRAIL_STEPS,
  unit: 'times within the newest steps',
  measure(trail) {
    return trail.recent.at(-1)?.kind === 'summary' ? countSteps(trail, (step) => step.kind === 'summary') : 0;
  },
};
