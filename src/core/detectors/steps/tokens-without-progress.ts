/** Tokens that go by without a file written or a tree that is new (google-gemini/gemini-cli#7700: an hour, and nothing). */
import type { StepDetector } from './step-detector.ts';

export const tokensWithoutProgress: StepDetector = {
  id: 'tokens-without-progress',
  summary: 'Tokens are spent without a file written or a tree that was not there before.',
  advice: 'enough was read; make the change, or say that it is impossible',
  // Half of the default limit on tokens of a whole run, counted as that limit counts. The measured traces have no tokens by step.
  stopsAt: 5_000_000,
  most: 1_000_000_000,
  unit: 'tokens',
  measure(trail) {
    return trail.tokensSinceProgress;
  },
};
