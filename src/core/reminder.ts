/** Who has to be told that a change waits, and when. Pure; sending is for whoever reads it. */
import { missingApprovals } from './approval.ts';
import type { Reminder } from './approval-event.ts';
import { DEFAULT_APPROVALS } from './approval.ts';
import { ownersOf } from './owner.ts';
import type { RunState } from './state.ts';

/** Whose approval is missing, by name; where anybody's would do, whoever answers for the run, else who started it. */
export function waitedFor(state: RunState): readonly string[] {
  const { approvalRequest: request, approvals, operator } = state;
  if (request === null) return [];
  const missing = missingApprovals(request, state, approvals);
  const named = missing.flatMap(({ from }) => from ?? []);
  const anybody = missing.some(({ from }) => from === null);
  const owners = ownersOf(state);
  const others = owners.length > 0 ? owners : [operator];
  return [...new Set([...named, ...(anybody || named.length === 0 ? others : [])])];
}

/** Owners of the zones that the change touches, and of the run. */
function answerable(state: RunState): readonly string[] {
  const zones = state.approvalRequest?.zones ?? [];
  const owning = state.policy.risk.filter(({ name }) => zones.includes(name)).flatMap(({ owners }) => owners ?? []);
  return [...owning, ...ownersOf(state)];
}

/** null while nothing is due. `now`: milliseconds since 1970 UTC. */
export function dueReminder(state: RunState, now: number): Reminder | null {
  const { review, approvalRequest, policy } = state;
  if (state.phase !== 'waiting' || review === null || approvalRequest === null) return null;
  const { remindMs } = policy.approvals ?? DEFAULT_APPROVALS;
  if (now - (review.reminded.at(-1)?.at ?? review.since) < remindMs) return null;
  const escalated = review.reminded.length > 0;
  const to = escalated ? [...waitedFor(state), ...answerable(state)] : waitedFor(state);
  return { to: [...new Set(to)], escalated };
}
