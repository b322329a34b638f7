/**
 * The rules of the ledger, the same in every store: what fits, what a settlement is charged as, and when a hold is over.
 *
 * A hold ends in one way only, as a charge; nothing here ever gives money back that no settlement accounted for. So spent
 * plus held grows by a successful hold and by nothing else, and that one step is compared with every ceiling.
 *
 * Time is the wall clock, since a hold outlives the process that made it. A clock put forward ends holds early: they count
 * as spent, and the settlement that comes later still replaces that. A clock put back would make a hold last as long as the
 * jump; but no hold can have more time left than it was given, so one that seems to begins its time again. It then ends at
 * most one `holdMs` after the jump is seen, and never before it had all of its time.
 */
import { assert } from '../core/errors.ts';
import { left } from '../core/limit.ts';
import type { ChargeBasis } from '../core/spend.ts';
import type { Amount, Balance, HoldAnswer, HoldRequest, Scope, Settlement } from '../ports/ledger.ts';

export const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };

const UNITS = ['nanoUsd', 'tokens'] as const;

/** What a scope has in its books, whatever the ceiling. */
export interface ScopeState {
  readonly spent: Amount;
  readonly held: Amount;
}

/** A call that was held. */
export interface Hold {
  readonly callId: string;
  readonly runId: string;
  readonly epoch: number;
  readonly amount: Amount;
  /** Milliseconds, whole. */
  readonly holdMs: number;
  /** Wall clock, milliseconds since 1970 UTC, whole. */
  readonly until: number;
}

export function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function add(left: Amount, right: Amount): Amount {
  return { nanoUsd: left.nanoUsd + right.nanoUsd, tokens: left.tokens + right.tokens };
}

export function subtract(left: Amount, right: Amount): Amount {
  return { nanoUsd: left.nanoUsd - right.nanoUsd, tokens: left.tokens - right.tokens };
}

/** Throws unless both are whole and not negative: the gateway has judged what a vendor said before it comes here. */
export function requireAmount({ nanoUsd, tokens }: Amount): void {
  assert(isWhole(nanoUsd), `an amount is whole nano-dollars, none or more, not ${nanoUsd}`);
  assert(isWhole(tokens), `an amount is whole tokens, none or more, not ${tokens}`);
}

export function requireScopes(scopes: readonly Scope[]): void {
  for (const { key, nanoUsd, tokens } of scopes) {
    for (const ceiling of [nanoUsd, tokens]) {
      // NaN would be no ceiling at all: nothing is more than it.
      assert(
        ceiling === 'unlimited' || isWhole(ceiling),
        `the ceiling of ${key} is whole, none or more, or unlimited, not ${ceiling}`,
      );
    }
  }
}

export function requireRequest({ scopes, amount, holdMs }: HoldRequest): void {
  requireAmount(amount);
  requireScopes(scopes);
  // A call held against nothing would pass without having been compared with anything.
  assert(scopes.length > 0, 'a call is held against one scope at least');
  assert(new Set(scopes.map(({ key }) => key)).size === scopes.length, 'a call is held against each scope once');
  assert(isWhole(Math.ceil(holdMs)) && holdMs > 0, `a hold lasts a positive number of milliseconds, not ${holdMs}`);
}

export function balanceOf(scope: Scope, { spent, held }: ScopeState): Balance {
  const used = add(spent, held);
  return {
    scope,
    spent,
    held,
    left: { nanoUsd: left(scope.nanoUsd, used.nanoUsd), tokens: left(scope.tokens, used.tokens) },
  };
}

/** Where no ceiling is, the ledger still stops at what numbers count exactly: 9 million US dollars, 9e15 tokens. */
function hasRoom({ scope, spent, held }: Balance, unit: keyof Amount, amount: Amount): boolean {
  const ceiling = scope[unit] === 'unlimited' ? Number.MAX_SAFE_INTEGER : scope[unit];
  return amount[unit] <= ceiling - spent[unit] - held[unit];
}

/** Every scope must have room for all of the amount; the first that has not is the answer. */
export function decideHold(balances: readonly Balance[], amount: Amount): HoldAnswer {
  for (const balance of balances) {
    const unit = UNITS.find((unit) => !hasRoom(balance, unit, amount));
    if (unit !== undefined) return { kind: 'refused', balance, unit };
  }
  return { kind: 'held' };
}

/** Wall clock, milliseconds since 1970 UTC, rounded up: a hold is never shorter than asked for. */
export function holdTime(now: number, holdMs: number): { readonly holdMs: number; readonly until: number } {
  const whole = Math.ceil(holdMs);
  return { holdMs: whole, until: now + whole };
}

/** `over`: counts as spent from now on. `again`: the clock was put back, and its time begins again. */
export function fateOf(hold: Hold, newestEpoch: number, now: number): 'running' | 'over' | 'again' {
  if (hold.epoch !== newestEpoch || now >= hold.until) return 'over';
  return hold.until - now > hold.holdMs ? 'again' : 'running';
}

/** More than was held in either unit is charged as the whole hold; so is what the caller itself calls `expired`. */
export function chargeOf(held: Amount, { amount, basis }: Settlement): { amount: Amount; basis: ChargeBasis } {
  if (basis === 'expired') return { amount: held, basis };
  if (UNITS.every((unit) => amount[unit] <= held[unit])) return { amount: { ...amount }, basis };
  return { amount: held, basis: 'capped' };
}
