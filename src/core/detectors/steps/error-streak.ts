/** One failure after another without anything gained between. A success that brings nothing new does not end the streak. */
import type { StepDetector } from './step-detector.ts';

export const errorStreak: StepDetector = {
  id: 'error-streak',
  summary: 'One action after another fails, and nothing is gained between.',
  advice: 'take one step back to something that works',
  // Healthy sessions stay at 6, and one that recovered by itself reached 8.
  stopsAt: 9,
  most: 1_000,
  unit: 'failures in a row',
  measure(trail) {
    return trail.failuresInARow;
  },
};
