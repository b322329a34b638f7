/** What decisions, and the time that passes without one, do to the state. Part of `evolve`; pure. */
import type { ApprovalRequest } from './approval.ts';
import { overdueApprovals } from './approval.ts';
import type { ApprovalEvent, Reminder } from './approval-event.ts';
import { contradiction, refuseUnless } from './contradiction.ts';
import type { Iteration, RunState } from './state.ts';

/** How long a change has waited, and who was told. */
export interface Review {
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  readonly reminded: readonly (Reminder & { readonly at: number })[];
}

type Of<T extends ApprovalEvent['type']> = Extract<ApprovalEvent, { type: T }> & {
  readonly seq: number;
  readonly at: number;
};

/** What a held iteration asks people for; null for one that was not held. */
export function requestOf({ number, verdict, change }: Iteration): ApprovalRequest | null {
  if (verdict?.kind !== 'hold' || change === null) return null;
  return { zones: verdict.zones, reasons: verdict.reasons, diffHash: change.diffHash, iteration: number };
}

function requested(state: RunState, event: Of<'approval.requested'>): RunState {
  refuseUnless(state.phase === 'rehearsed', 'wrong-phase', event, `${event.type} in phase ${state.phase}`);
  const review = { since: event.at, reminded: [] };
  return { ...state, phase: 'waiting', approvalRequest: event.request, review };
}

function decided(state: RunState, event: Of<'approval.decided'>): RunState {
  const { approval } = event;
  refuseUnless(state.phase === 'waiting', 'wrong-phase', event, `${event.type} in phase ${state.phase}`);
  const waiting = state.approvalRequest?.diffHash ?? 'none';
  const same = approval.diffHash === waiting;
  refuseUnless(same, 'approval-for-other-change', event, `diff ${approval.diffHash}, not ${waiting}`);
  const policy = approval.policyHash ?? state.policyHash;
  const obeyed = policy === state.policyHash;
  refuseUnless(obeyed, 'approval-for-other-change', event, `policy ${policy}, not ${state.policyHash}`);
  const next = { ...state, approvals: [...state.approvals, approval] };
  // A rejection that lets the run go on is what makes it ready again; every other decision ends it.
  if (approval.decision === 'rejected' && !approval.endRun) return { ...next, phase: 'ready', approvalRequest: null };
  return next;
}

/** Whether any approval of the diff is over at the time of the event; those are marked. */
function markExpired(state: RunState, event: Of<'approval.expired'>): RunState {
  const overdue = new Set(overdueApprovals(state.approvals, event.diffHash, event.at));
  refuseUnless(overdue.size > 0, 'approval-not-expired', event, `diff ${event.diffHash}`);
  const approvals = state.approvals.map((one) => (overdue.has(one) ? { ...one, expired: true as const } : one));
  return { ...state, approvals };
}

function expired(state: RunState, event: Of<'approval.expired'>): RunState {
  refuseUnless(state.phase === 'waiting', 'wrong-phase', event, `${event.type} in phase ${state.phase}`);
  return markExpired(state, event);
}

/** Accepted by people, and nobody did anything with it since: what they said can get too old. */
export function canExpire({ stop, landing, publication, undoRequested, undone }: RunState): boolean {
  // A request that is on the forge was made while they counted; whether it is merged is decided there.
  const { request, withdrawn } = publication;
  const shown = withdrawn === null && (request?.state === 'open' || request?.state === 'merged');
  const untouched = !shown && [landing, undoRequested, undone].every((one) => one === null);
  return stop?.reason === 'accepted' && untouched;
}

/** The run is not over after all: its change waits for people as it did before. */
function expiredAfterStop(state: RunState, event: Of<'approval.expired'>): RunState {
  const iteration = state.iterations.at(-1);
  const request = iteration === undefined ? null : requestOf(iteration);
  const open = request !== null && request.diffHash === event.diffHash && canExpire(state);
  refuseUnless(open, 'after-stop', event, `stopped: ${state.stop?.reason ?? 'no'}`);
  const review = { since: event.at, reminded: [] };
  const again = { phase: 'waiting', stop: null, approvalRequest: request, review, landRequested: null } as const;
  return { ...markExpired(state, event), ...again };
}

function reminded(state: RunState, event: Of<'approval.reminded'>): RunState {
  const { review, phase } = state;
  if (phase !== 'waiting' || review === null) {
    throw contradiction('wrong-phase', event.seq, `${event.type} in phase ${phase}`);
  }
  const { at, to, escalated } = event;
  return { ...state, review: { ...review, reminded: [...review.reminded, { at, to, escalated }] } };
}

/** While the run goes on: one entry per event, so that the compiler refuses a forgotten one. */
export const APPROVAL_FOLDS: {
  readonly [T in ApprovalEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = {
  'approval.requested': requested,
  'approval.decided': decided,
  'approval.expired': expired,
  'approval.reminded': reminded,
};

export const APPROVAL_FOLDS_AFTER_STOP: {
  readonly 'approval.expired': (state: RunState, event: Of<'approval.expired'>) => RunState;
} = { 'approval.expired': expiredAfterStop };
