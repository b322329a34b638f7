/** The books of the ledger in memory. */
import type { Charge } from '../../ports/ledger.ts';
import type { HeldCall, LedgerRows } from '../ledger.ts';
import type { LeaseState } from '../lease.ts';
import { unknownRun } from '../refusals.ts';
import { add, NOTHING, subtract } from '../reservation.ts';
import type { Hold, ScopeState } from '../reservation.ts';

interface MemoryScope extends ScopeState {
  readonly ofRun: boolean;
}

interface MemoryCall extends HeldCall {
  readonly scopes: readonly string[];
  /** The run's driver knows of the charge. */
  readonly known: boolean;
}

interface Books {
  readonly scopes: Map<string, MemoryScope>;
  /** Calls without a charge, then those with one in the order in which they were charged. */
  readonly calls: Map<string, MemoryCall>;
}

export interface MemoryLedgerOptions {
  readonly now: () => number;
  /** The newest lease of a run; null for an unknown one. Throws once the store is closed. */
  readonly lease: (runId: string) => LeaseState | null;
}

export interface MemoryLedgerRows extends LedgerRows {
  /** What the run holds is spent from now on; its calls, and the scopes only it had, are gone. */
  forget(runId: string): void;
}

function move(books: Books, keys: readonly string[], step: (state: ScopeState) => ScopeState): void {
  for (const key of keys) {
    const scope = books.scopes.get(key);
    if (scope !== undefined) books.scopes.set(key, { ...scope, ...step(scope) });
  }
}

function spend({ held, spent }: ScopeState, hold: Hold, charge: Pick<Charge, 'amount'>): ScopeState {
  return { held: subtract(held, hold.amount), spent: add(spent, charge.amount) };
}

/** Writes the charge behind all others. */
function charged(books: Books, call: MemoryCall, charge: Charge, known: boolean): void {
  books.calls.delete(charge.callId);
  books.calls.set(charge.callId, { ...call, charge, known });
}

function forgetRun({ scopes, calls }: Books, runId: string): void {
  const own = [...calls.values()].filter(({ hold }) => hold.runId === runId);
  for (const { hold, charge, scopes: keys } of own) {
    if (charge === null) move({ scopes, calls }, keys, (state) => spend(state, hold, hold));
    calls.delete(hold.callId);
  }
  const needed = new Set([...calls.values()].flatMap((call) => call.scopes));
  for (const key of own.flatMap((call) => call.scopes)) {
    if (scopes.get(key)?.ofRun === true && !needed.has(key)) scopes.delete(key);
  }
}

export function createMemoryLedgerRows({ now, lease }: MemoryLedgerOptions): MemoryLedgerRows {
  const books: Books = { scopes: new Map(), calls: new Map() };
  const { scopes, calls } = books;
  // One process and no pause inside a body: it is alone, and nothing changes before everything was decided.
  const alone = <T>(body: () => T): T => body();
  const chargesOf = (runId: string): readonly MemoryCall[] => {
    if (lease(runId) === null) throw unknownRun(runId);
    return [...calls.values()].filter(({ hold, charge }) => hold.runId === runId && charge !== null);
  };
  const chargesIn = (found: readonly MemoryCall[]): readonly Charge[] =>
    found.flatMap(({ charge }) => (charge === null ? [] : [charge]));
  return {
    now,
    lease,
    read: alone,
    write: alone,
    scope: (key) => scopes.get(key) ?? { spent: NOTHING, held: NOTHING },
    call: (callId) => calls.get(callId) ?? null,
    open: () =>
      [...calls.values()]
        .filter(({ charge }) => charge === null)
        .map(({ hold }) => ({ hold, newestEpoch: lease(hold.runId)?.epoch ?? Number.NaN })),
    hold(hold, chain) {
      const keys = chain.map(({ key }) => key);
      for (const { key, kind } of chain) {
        if (!scopes.has(key)) scopes.set(key, { spent: NOTHING, held: NOTHING, ofRun: kind === 'run' });
      }
      move(books, keys, ({ spent, held }) => ({ spent, held: add(held, hold.amount) }));
      calls.set(hold.callId, { hold, charge: null, scopes: keys, known: false });
    },
    extend(hold, until) {
      const call = calls.get(hold.callId);
      if (call !== undefined) calls.set(hold.callId, { ...call, hold: { ...hold, until } });
    },
    charge(charge, known) {
      const call = calls.get(charge.callId);
      if (call === undefined) return;
      move(books, call.scopes, (state) => spend(state, call.hold, charge));
      charged(books, call, charge, known);
    },
    recharge(charge, before) {
      const call = calls.get(charge.callId);
      if (call === undefined) return;
      const step = ({ spent, held }: ScopeState): ScopeState => ({
        held,
        spent: add(subtract(spent, before.amount), charge.amount),
      });
      move(books, call.scopes, step);
      charged(books, call, charge, true);
    },
    charges: (runId) => chargesIn(chargesOf(runId)),
    takeUnknown(runId) {
      const unknown = chargesOf(runId).filter(({ known }) => !known);
      for (const call of unknown) calls.set(call.hold.callId, { ...call, known: true });
      return chargesIn(unknown);
    },
    forget: (runId) => forgetRun(books, runId),
  };
}
