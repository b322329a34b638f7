/**
 * Leases, the same in every store. A lease has an owner, an epoch and an end. Whoever claims gets the next epoch, and
 * from then on every older one is fenced: it writes nothing, whatever its holder believes.
 */
import { assert, LoopwrightError } from '../core/errors.ts';
import type { Lease } from '../ports/store.ts';

export interface LeaseState {
  /** 0 before the first claim. */
  readonly epoch: number;
  /** null when nobody holds it. */
  readonly owner: string | null;
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly leaseUntil: number;
}

/** Wall clock, milliseconds since 1970 UTC, rounded up: a lease is never shorter than asked for. */
export function leaseEnd(now: number, leaseMs: number): number {
  assert(Number.isFinite(leaseMs) && leaseMs > 0, `a lease lasts a positive number of milliseconds, not ${leaseMs}`);
  return Math.ceil(now + leaseMs);
}

/** Somebody holds the lease and it has not expired. */
export function isLive(state: LeaseState, now: number): boolean {
  return state.owner !== null && now < state.leaseUntil;
}

/**
 * Rejects a lease that was overtaken, released, or whose run was forgotten (`state` null). One that expired but that
 * nobody took over is still the newest: its holder may go on.
 */
export function requireNewest(state: LeaseState | null, lease: Lease): void {
  if (state !== null && state.owner !== null && state.epoch === lease.epoch) return;
  let seen = 'it was released';
  if (state === null) seen = 'the run was forgotten';
  else if (state.epoch !== lease.epoch) seen = `the newest epoch is ${state.epoch}`;
  throw new LoopwrightError('LW_STORE_FENCED', {
    message: `the lease on run ${lease.runId} with epoch ${lease.epoch} is not valid any more: ${seen}; nothing was written`,
    next: `Stop what this process does for the run. \`loopwright show ${lease.runId}\` says who drives it now.`,
    details: { runId: lease.runId, epoch: lease.epoch, newest: state?.epoch ?? null },
  });
}

/** Rejects a claim while somebody else's lease runs. */
export function requireFree(runId: string, state: LeaseState, claim: { owner: string; now: number }): void {
  if (!isLive(state, claim.now) || state.owner === claim.owner) return;
  const leftMs = state.leaseUntil - claim.now;
  throw new LoopwrightError('LW_RUN_BUSY', {
    message: `run ${runId} is driven by ${state.owner}; its lease runs for another ${Math.ceil(leftMs / 1_000)} s`,
    next: `Watch it with \`loopwright watch ${runId}\`, or end it with \`loopwright stop ${runId}\`. If its process has died, try again once the lease is over.`,
    details: { runId, owner: state.owner, leftMs },
  });
}
