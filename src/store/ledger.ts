/**
 * The ledger over the rows of one store. Every decision is taken inside the transaction that writes it, and whatever
 * rejects does so before the first row is changed, so that it also holds for a store that cannot roll back.
 */
import type { Charge, Ledger, Scope } from '../ports/ledger.ts';
import type { Lease } from '../ports/store.ts';
import { requireNewest } from './lease.ts';
import type { LeaseState } from './lease.ts';
import { callHeldTwice, callNeverHeld } from './refusals.ts';
import {
  balanceOf,
  chargeOf,
  decideHold,
  fateOf,
  holdTime,
  requireAmount,
  requireRequest,
  requireScopes,
} from './reservation.ts';
import type { Hold, ScopeState } from './reservation.ts';

export interface OpenHold {
  readonly hold: Hold;
  /** Of its run. */
  readonly newestEpoch: number;
}

/** A call that was held: its hold, and what it was charged as once it was. */
export interface HeldCall {
  readonly hold: Hold;
  readonly charge: Charge | null;
}

/** What a store keeps, and nothing decided. Used inside `read` or `write` only. */
export interface LedgerRows {
  /** Wall clock, milliseconds since 1970 UTC, whole. */
  readonly now: () => number;
  read<T>(body: () => T): T;
  write<T>(body: () => T): T;
  lease(runId: string): LeaseState | null;
  /** Nothing spent and nothing held where no call ever was. */
  scope(key: string): ScopeState;
  call(callId: string): HeldCall | null;
  /** Holds without a charge, of any run; at least all whose fate at `now` is not to run on. */
  open(now: number): readonly OpenHold[];
  /** Adds the hold to every scope and keeps the ceilings there as the last line. */
  hold(hold: Hold, scopes: readonly Scope[]): void;
  extend(hold: Hold, until: number): void;
  /** Moves the hold from held to spent. `known`: the run's driver has seen this charge; `sweep` need not tell. */
  charge(charge: Charge, known: boolean): void;
  /** Puts a charge in the place of the one this call has. */
  recharge(charge: Charge, before: Charge): void;
  /** In the order in which they were charged. Throws `LW_RUN_UNKNOWN`. */
  charges(runId: string): readonly Charge[];
  /** Charges of the run by expiry that nobody was told of; they count as told from then on. */
  takeUnknown(runId: string): readonly Charge[];
}

/** Ends every hold that is over, whoever made it, so that no reader counts on it any more. */
function endHolds(rows: LedgerRows): void {
  const now = rows.now();
  for (const { hold, newestEpoch } of rows.open(now)) {
    const fate = fateOf(hold, newestEpoch, now);
    if (fate === 'again') rows.extend(hold, holdTime(now, hold.holdMs).until);
    if (fate !== 'over') continue;
    const { callId, runId, amount } = hold;
    rows.charge({ callId, runId, amount, held: amount, basis: 'expired', at: now }, false);
  }
}

function allRun(rows: LedgerRows): boolean {
  const now = rows.now();
  return rows.open(now).every(({ hold, newestEpoch }) => fateOf(hold, newestEpoch, now) === 'running');
}

/** The call, if it was held by the run of the lease. A newer epoch may settle what an older one held. */
function heldBy(rows: LedgerRows, lease: Lease, callId: string): HeldCall {
  const call = rows.call(callId);
  if (call === null || call.hold.runId !== lease.runId) throw callNeverHeld(lease.runId, callId);
  return call;
}

export function createLedger(rows: LedgerRows): Ledger {
  return {
    async hold(request) {
      requireRequest(request);
      const { callId, lease, scopes, amount } = request;
      return rows.write(() => {
        requireNewest(rows.lease(lease.runId), lease);
        if (rows.call(callId) !== null) throw callHeldTwice(lease.runId, callId);
        endHolds(rows);
        const answer = decideHold(
          scopes.map((scope) => balanceOf(scope, rows.scope(scope.key))),
          amount,
        );
        const time = holdTime(rows.now(), request.holdMs);
        if (answer.kind === 'held') rows.hold({ callId, ...lease, amount: { ...amount }, ...time }, scopes);
        return answer;
      });
    },
    async settle(settlement) {
      requireAmount(settlement.amount);
      const { callId, lease } = settlement;
      return rows.write(() => {
        requireNewest(rows.lease(lease.runId), lease);
        const { hold, charge } = heldBy(rows, lease, callId);
        const final = charge !== null && (charge.basis !== 'expired' || settlement.basis === 'expired');
        if (final) return charge;
        const { runId, amount: held } = hold;
        const settled: Charge = { callId, runId, ...chargeOf(held, settlement), held, at: rows.now() };
        if (charge === null) rows.charge(settled, true);
        else rows.recharge(settled, charge);
        return settled;
      });
    },
    async balances(scopes) {
      requireScopes(scopes);
      const all = () => scopes.map((scope) => balanceOf(scope, rows.scope(scope.key)));
      // Asked before every call: looking costs no write lock unless a hold has to end.
      const seen = rows.read(() => (allRun(rows) ? all() : null));
      if (seen !== null) return seen;
      return rows.write(() => {
        endHolds(rows);
        return all();
      });
    },
    async sweep(lease) {
      return rows.write(() => {
        requireNewest(rows.lease(lease.runId), lease);
        endHolds(rows);
        return rows.takeUnknown(lease.runId);
      });
    },
    async charges(runId) {
      return rows.read(() => rows.charges(runId));
    },
  };
}
