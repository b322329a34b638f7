/** A-B-A-B and longer rounds over actions with their results. */
import type { StepDetector } from './step-detector.ts';
import type { Trail } from './trail.ts';
import { newestSteps, sameOutcome, TRAIL_STEPS } from './trail.ts';

const ROUNDS = 3;
const SHORTEST_PERIOD = 2;

/** How many full rounds of `period` the newest steps are. */
function rounds(trail: Trail, period: number): number {
  const { recent } = trail;
  const repeating = newestSteps(trail, (step, index) => {
    const before = recent[index - period];
    return before !== undefined && sameOutcome(step, before);
  });
  const round = recent.slice(-period);
  // One action over and over is a round of one, and no cycle: `repeated-action` has that.
  const turns = round.some((step) => !sameOutcome(step, round[0] ?? step));
  return repeating === 0 || !turns ? 0 : 1 + Math.floor(repeating / period);
}

export const cycle: StepDetector = {
  id: 'step-cycle',
  summary: 'The same round of actions with the same results goes by again and again.',
  advice: 'the round leads back to its start; leave it',
  // A third round can bring nothing that the second did not; healthy sessions never finish a second.
  stopsAt: ROUNDS,
  most: TRAIL_STEPS / SHORTEST_PERIOD,
  unit: 'rounds',
  measure(trail) {
    let most = 0;
    for (let period = SHORTEST_PERIOD; period * ROUNDS <= TRAIL_STEPS; period += 1)
      most = Math.max(most, rounds(trail, period));
    return most;
  },
};
