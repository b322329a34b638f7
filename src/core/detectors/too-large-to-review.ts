/** A change that costs more to review than a person can give at once. It passes; whether anybody really reads it is the question. */
import { reviewMinutes } from '../landing/review-cost.ts';
import { splitChange } from '../landing/slices.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import type { Detector } from './detector.ts';

export const tooLargeToReview: Detector = {
  id: 'too-large-to-review',
  summary: 'By the estimate in docs/review.md the change costs more minutes to review than `review.minutes`.',
  detect(state: RunState) {
    const limit = state.policy.review?.minutes ?? 'unlimited';
    const change = newestChange(state);
    if (change === null || limit === 'unlimited') return [];
    const minutes = reviewMinutes(change);
    if (minutes <= limit) return [];
    const parts = splitChange(change.files, limit).length;
    const proposal = parts > 1 ? `; by path it could be ${parts} changes` : '';
    const message = `too large to review at once: about ${minutes} minutes, more than ${limit}${proposal}`;
    return [{ detector: 'too-large-to-review', severity: 'hold', message, location: null }];
  },
};
