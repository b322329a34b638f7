/** What it costs to review the newest change of a run, and how it could be split where that is too much. Pure. */
import type { Ceiling } from '../limit.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { reviewMinutes } from './review-cost.ts';
import { splitChange } from './slices.ts';
import type { Slice } from './slices.ts';

export interface ReviewCost {
  /** Whole minutes; an estimate that was not calibrated. */
  readonly minutes: number;
  /** `review.minutes` of the policy; older logs have none. */
  readonly limit: Ceiling;
  /** Empty where the change is not too large. */
  readonly slices: readonly Slice[];
}

/** null before the first change. */
export function reviewOf(state: RunState): ReviewCost | null {
  const change = newestChange(state);
  if (change === null) return null;
  const minutes = reviewMinutes(change);
  const limit = state.policy.review?.minutes ?? 'unlimited';
  const large = limit !== 'unlimited' && minutes > limit;
  return { minutes, limit, slices: large ? splitChange(change.files, limit) : [] };
}
