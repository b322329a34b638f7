/**
 * The ledger of money and tokens: hold the worst case before a call, settle once after it. It lives in the same database
 * as the log, so that several supervisors on one machine share one truth.
 */
import type { Ceiling } from '../core/limit.ts';
import type { ChargeBasis, ScopeKind } from '../core/spend.ts';
import type { Lease } from './store.ts';

export interface Scope {
  readonly kind: ScopeKind;
  /** Unique over kinds: `run:<id>`, `class:<day>:<repository>:<name>`, `repository:<day>:<path>`, `day:<day>`. */
  readonly key: string;
  /** What this caller's policy allows in the scope. Callers may differ; each is held to its own. */
  readonly nanoUsd: Ceiling;
  readonly tokens: Ceiling;
}

/** Whole nano-dollars and whole tokens, neither negative. */
export interface Amount {
  readonly nanoUsd: number;
  readonly tokens: number;
}

export interface HoldRequest {
  /** Unique over all runs and for ever. */
  readonly callId: string;
  readonly lease: Lease;
  /** Narrowest first. The call is held in all of them or in none. */
  readonly scopes: readonly Scope[];
  readonly amount: Amount;
  /** After this long without a settlement the hold counts as spent, milliseconds. */
  readonly holdMs: number;
}

/** What a scope has left for one caller: its ceiling less what is spent and what is held. */
export interface Balance {
  readonly scope: Scope;
  readonly spent: Amount;
  /** By calls under way, whoever makes them. */
  readonly held: Amount;
  /** `unlimited` where the ceiling is. Never negative. */
  readonly left: { readonly nanoUsd: Ceiling; readonly tokens: Ceiling };
}

export type HoldAnswer =
  | { readonly kind: 'held' }
  /**
   * Nothing was held. `balance` is that of the first scope that has no room, `unit` what it lacks. While `balance.held` is
   * not zero, waiting may help.
   */
  | { readonly kind: 'refused'; readonly balance: Balance; readonly unit: keyof Amount };

export interface Settlement {
  readonly callId: string;
  readonly lease: Lease;
  /** What the call used. More than was held, in either unit, is charged as the whole hold, and the basis is then `capped`. */
  readonly amount: Amount;
  /** `expired`: nobody will know any more; the whole hold is charged whatever the amount. */
  readonly basis: ChargeBasis;
}

export interface Charge {
  readonly callId: string;
  readonly runId: string;
  readonly amount: Amount;
  readonly held: Amount;
  readonly basis: ChargeBasis;
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly at: number;
}

/**
 * Contract:
 * - A hold never takes spent plus held past a ceiling its caller gave. The newest successful hold leaves its ceilings in the
 *   database, which itself refuses more from then on. Nothing but a hold makes spent plus held grow.
 * - Amounts and ceilings that are not whole, negative, or beyond what numbers count exactly reject with `LW_INTERNAL`.
 * - `hold` rejects with `LW_STORE_FENCED` when the lease is not the newest, and then held nothing. Holding twice under one
 *   `callId` rejects with `LW_LEDGER_CALL`.
 * - `settle` is done once: settling again gives the first charge back. Only a charge that is `expired` is replaced, by what
 *   was metered after all. A call that was never held rejects with `LW_LEDGER_CALL`.
 * - A hold whose time is over, or whose epoch is not the newest of its run, counts as spent from then on: whoever holds,
 *   sweeps or asks for balances next turns it into a charge (`expired`). A clock that is put back ends no hold early, and
 *   prolongs one by its own length at most, for each time it is put back.
 * - Every other failure rejects with `LW_STORE_UNAVAILABLE` or `LW_DISK_FULL`, and nothing was held: no ledger, no call.
 */
export interface Ledger {
  hold(request: HoldRequest): Promise<HoldAnswer>;
  settle(settlement: Settlement): Promise<Charge>;
  /** In the order of the scopes given. */
  balances(scopes: readonly Scope[]): Promise<readonly Balance[]>;
  /**
   * Turns every hold of the run that an older epoch left behind, or whose time is over, into a charge of the whole hold
   * (`expired`) and returns those charges, with those that other callers turned into one since the last sweep: each is
   * returned once. A new leg does this first and writes them into the log; should it die in between, `charges` has them.
   */
  sweep(lease: Lease): Promise<readonly Charge[]>;
  /** In the order in which they were made; one that replaced an expired one is new. Rejects with `LW_RUN_UNKNOWN`. */
  charges(runId: string): Promise<readonly Charge[]>;
}
