/**
 * The share of distinct states: of the newest steps hardly any led somewhere new. A single known state is harmless, and so
 * is a run of misses; a window full of them is a search that is over.
 */
import type { StepDetector } from './step-detector.ts';
import { leadsNowhere } from './trail.ts';
import type { TracedStep } from './trail.ts';

const WINDOW_STEPS = 16;

/** Success without a word is what moving a file looks like, and what an empty search looks like: it says nothing either way. */
function isSilent(step: TracedStep): boolean {
  return !step.failed && step.outputCharacters === 0;
}

export const noNewInformation: StepDetector = {
  id: 'no-new-information',
  summary: `Of the newest ${WINDOW_STEPS} actions hardly any led to something that was not known.`,
  advice: 'decide on what is known, look somewhere new, or say what is missing',
  // Healthy sessions stay at 11 of 16; one more than half way from there to all of them.
  warnsAt: 13,
  stopsAt: 15,
  most: WINDOW_STEPS,
  unit: `steps of ${WINDOW_STEPS} that led nowhere`,
  measure(trail) {
    const newest = trail.recent.at(-1);
    if (newest === undefined || !leadsNowhere(newest)) return 0;
    return trail.recent
      .filter((step) => !isSilent(step))
      .slice(-WINDOW_STEPS)
      .filter(leadsNowhere).length;
  },
};
