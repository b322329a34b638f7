/** The books of the ledger as rows. What is decided over them is in ../ledger.ts. */
import type { StatementSync } from 'node:sqlite';
import type { Charge } from '../../ports/ledger.ts';
import type { ChargeBasis } from '../../core/spend.ts';
import type { HeldCall, LedgerRows, OpenHold } from '../ledger.ts';
import { ledgerDamaged } from '../refusals.ts';
import { isWhole, NOTHING } from '../reservation.ts';
import type { Hold } from '../reservation.ts';
import { textOf } from './columns.ts';
import type { Row } from './columns.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';

export interface SqliteLedgerRows extends LedgerRows {
  /** What the run holds is spent from now on; its calls, and the scopes only it had, are gone. Inside `write` only. */
  readonly forget: (run: number) => void;
}

type Held = Pick<LedgerRows, 'scope' | 'call' | 'open'>;
type Writing = Pick<LedgerRows, 'hold' | 'extend' | 'charge' | 'recharge'>;
type Charges = Pick<LedgerRows, 'charges' | 'takeUnknown'>;

const BASES: readonly ChargeBasis[] = ['metered', 'estimated', 'capped', 'expired'];

/** With big integers: one that a damaged row holds and no JavaScript number can hold is then seen, not thrown at us. */
function prepare(session: Session, sql: string): StatementSync {
  const statement = session.database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/** A time, or another whole number of either sign. */
function integerOf(row: Row, column: string): number {
  const value = row[column];
  const number = Number(value);
  if (typeof value !== 'bigint' || !Number.isSafeInteger(number)) {
    throw ledgerDamaged(`${column} is ${String(value)}, which is no whole number that can be`);
  }
  return number;
}

function wholeOf(row: Row, column: string): number {
  const number = integerOf(row, column);
  if (!isWhole(number)) throw ledgerDamaged(`${column} is ${number}, less than none`);
  return number;
}

function holdOf(row: Row): Hold {
  return {
    callId: textOf(row, 'call_id'),
    runId: textOf(row, 'run_id'),
    epoch: wholeOf(row, 'epoch'),
    amount: { nanoUsd: wholeOf(row, 'nano_usd'), tokens: wholeOf(row, 'tokens') },
    holdMs: wholeOf(row, 'hold_ms'),
    until: integerOf(row, 'until'),
  };
}

function chargeOf(row: Row, { callId, runId, amount: held }: Hold): Charge {
  const written = textOf(row, 'basis');
  const basis = BASES.find((known) => known === written);
  if (basis === undefined) throw ledgerDamaged(`call ${callId} was charged as ${written}`);
  const amount = { nanoUsd: wholeOf(row, 'charged_nano_usd'), tokens: wholeOf(row, 'charged_tokens') };
  return { callId, runId, amount, held, basis, at: integerOf(row, 'charged_at') };
}

const HOLD = 'run.run_id, hold.call_id, hold.epoch, hold.nano_usd, hold.tokens, hold.hold_ms, hold.until, hold.open';
const CHARGE =
  'charge.nano_usd AS charged_nano_usd, charge.tokens AS charged_tokens, charge.basis, charge.charged_at, charge.known';

function createHeld(session: Session): Held {
  const scope = prepare(
    session,
    'SELECT spent_nano_usd, spent_tokens, held_nano_usd, held_tokens FROM scope WHERE scope_key = ?',
  );
  const call = prepare(
    session,
    `SELECT ${HOLD}, ${CHARGE} FROM hold JOIN run ON run.id = hold.run LEFT JOIN charge ON charge.hold = hold.id
     WHERE hold.call_id = ?`,
  );
  // As the rules say it (reservation.ts, which have the last word): its time is over, or seems longer than it can be, or
  // its run has a newer epoch. The index holds open ones alone; left to choose, SQLite reads every hold there ever was.
  const open = prepare(
    session,
    `SELECT ${HOLD}, run.epoch AS newest FROM hold INDEXED BY open_hold JOIN run ON run.id = hold.run
     WHERE hold.open = 1 AND (hold.until <= ?1 OR hold.until - hold.hold_ms > ?1 OR hold.epoch <> run.epoch)
     ORDER BY hold.id`,
  );
  return {
    scope(key) {
      const row = scope.get(key);
      if (row === undefined) return { spent: NOTHING, held: NOTHING };
      return {
        spent: { nanoUsd: wholeOf(row, 'spent_nano_usd'), tokens: wholeOf(row, 'spent_tokens') },
        held: { nanoUsd: wholeOf(row, 'held_nano_usd'), tokens: wholeOf(row, 'held_tokens') },
      };
    },
    call(callId): HeldCall | null {
      const row = call.get(callId);
      if (row === undefined) return null;
      const hold = holdOf(row);
      const charged = row['basis'] !== null;
      if (charged !== (wholeOf(row, 'open') === 0))
        throw ledgerDamaged(`call ${callId} is open and charged, or neither`);
      return { hold, charge: charged ? chargeOf(row, hold) : null };
    },
    open: (now) => open.all(now).map((row): OpenHold => ({ hold: holdOf(row), newestEpoch: wholeOf(row, 'newest') })),
  };
}

function createWriting(session: Session, runs: Runs): Writing {
  const { database } = session;
  const insertHold = database.prepare(
    `INSERT INTO hold (run, call_id, epoch, nano_usd, tokens, hold_ms, until, open) VALUES (?, ?, ?, ?, ?, ?, ?, 1)`,
  );
  // The ceilings are of this hold, so a ceiling that was lowered or raised meanwhile counts from here on.
  const addHold = database.prepare(
    `INSERT INTO scope (kind, scope_key, spent_nano_usd, spent_tokens, held_nano_usd, held_tokens, ceiling_nano_usd, ceiling_tokens)
     VALUES (?, ?, 0, 0, ?, ?, ?, ?)
     ON CONFLICT (scope_key) DO UPDATE SET
       held_nano_usd = held_nano_usd + excluded.held_nano_usd, held_tokens = held_tokens + excluded.held_tokens,
       ceiling_nano_usd = excluded.ceiling_nano_usd, ceiling_tokens = excluded.ceiling_tokens
     RETURNING id`,
  );
  const bind = database.prepare('INSERT INTO hold_scope (hold, scope) VALUES (?, ?)');
  const extend = database.prepare('UPDATE hold SET until = ? WHERE call_id = ?');
  const closeHold = database.prepare('UPDATE hold SET open = 0 WHERE call_id = ? AND open = 1');
  const scopesOf = 'WHERE id IN (SELECT scope FROM hold_scope WHERE hold = (SELECT id FROM hold WHERE call_id = ?5))';
  const move = database.prepare(
    `UPDATE scope SET held_nano_usd = held_nano_usd - ?1, held_tokens = held_tokens - ?2,
     spent_nano_usd = spent_nano_usd + ?3, spent_tokens = spent_tokens + ?4 ${scopesOf}`,
  );
  const correct = database.prepare(
    `UPDATE scope SET spent_nano_usd = spent_nano_usd - ?1 + ?3, spent_tokens = spent_tokens - ?2 + ?4 ${scopesOf}`,
  );
  const remove = database.prepare('DELETE FROM charge WHERE hold = (SELECT id FROM hold WHERE call_id = ?)');
  const insertCharge = database.prepare(
    `INSERT INTO charge (hold, nano_usd, tokens, basis, charged_at, known)
     VALUES ((SELECT id FROM hold WHERE call_id = ?), ?, ?, ?, ?, ?)`,
  );

  function write({ callId, amount, basis, at }: Charge, known: boolean): void {
    insertCharge.run(callId, amount.nanoUsd, amount.tokens, basis, at, known ? 1 : 0);
  }

  return {
    hold({ callId, runId, epoch, amount, holdMs, until }, scopes) {
      const { nanoUsd, tokens } = amount;
      const hold = insertHold.run(runs.require(runId).id, callId, epoch, nanoUsd, tokens, holdMs, until);
      for (const { kind, key, ...ceiling } of scopes) {
        const ceilings = [ceiling.nanoUsd, ceiling.tokens].map((most) => (most === 'unlimited' ? null : most));
        const row = addHold.get(kind, key, nanoUsd, tokens, ...ceilings);
        bind.run(hold.lastInsertRowid, Number(row?.['id']));
      }
    },
    extend(hold, until) {
      extend.run(until, hold.callId);
    },
    charge(charge, known) {
      const { callId, held, amount } = charge;
      if (closeHold.run(callId).changes !== 1) throw ledgerDamaged(`call ${callId} has no open hold`);
      const { changes } = move.run(held.nanoUsd, held.tokens, amount.nanoUsd, amount.tokens, callId);
      if (changes === 0) throw ledgerDamaged(`call ${callId} is held in no scope`);
      write(charge, known);
    },
    recharge(charge, before) {
      const { callId, amount } = charge;
      correct.run(before.amount.nanoUsd, before.amount.tokens, amount.nanoUsd, amount.tokens, callId);
      remove.run(callId);
      write(charge, true);
    },
  };
}

function createCharges(session: Session, runs: Runs): Charges {
  const select = (condition: string): StatementSync =>
    prepare(
      session,
      `SELECT ${HOLD}, ${CHARGE} FROM hold JOIN run ON run.id = hold.run JOIN charge ON charge.hold = hold.id
       WHERE hold.run = ? ${condition} ORDER BY charge.id`,
    );
  const all = select('');
  const unknown = select('AND charge.known = 0');
  const tell = session.database.prepare(
    'UPDATE charge SET known = 1 WHERE known = 0 AND hold IN (SELECT id FROM hold WHERE run = ?)',
  );
  const chargesOf = (rows: readonly Row[]): readonly Charge[] => rows.map((row) => chargeOf(row, holdOf(row)));
  return {
    charges: (runId) => chargesOf(all.all(runs.require(runId).id)),
    takeUnknown(runId) {
      const { id } = runs.require(runId);
      const charges = chargesOf(unknown.all(id));
      if (charges.length > 0) tell.run(id);
      return charges;
    },
  };
}

function createForget(session: Session): SqliteLedgerRows['forget'] {
  const { database } = session;
  const spend = database.prepare(
    `UPDATE scope SET held_nano_usd = held_nano_usd - due.nano_usd, held_tokens = held_tokens - due.tokens,
       spent_nano_usd = spent_nano_usd + due.nano_usd, spent_tokens = spent_tokens + due.tokens
     FROM (SELECT hold_scope.scope, sum(hold.nano_usd) AS nano_usd, sum(hold.tokens) AS tokens
           FROM hold JOIN hold_scope ON hold_scope.hold = hold.id WHERE hold.run = ? AND hold.open = 1
           GROUP BY hold_scope.scope) AS due
     WHERE scope.id = due.scope`,
  );
  const ownScopes = database.prepare(
    `SELECT DISTINCT scope.id FROM hold JOIN hold_scope ON hold_scope.hold = hold.id
     JOIN scope ON scope.id = hold_scope.scope WHERE hold.run = ? AND scope.kind = 'run'`,
  );
  const deleteCalls = database.prepare('DELETE FROM hold WHERE run = ?');
  const deleteScope = database.prepare(
    'DELETE FROM scope WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM hold_scope WHERE scope = ?1)',
  );
  return (run) => {
    spend.run(run);
    const own = ownScopes.all(run);
    deleteCalls.run(run);
    for (const { id } of own) deleteScope.run(id ?? null);
  };
}

export function createLedgerRows(session: Session, runs: Runs): SqliteLedgerRows {
  return {
    now: session.now,
    read: (body) => session.read(body),
    write: (body) => session.write(body),
    lease: (runId) => runs.find(runId),
    ...createHeld(session),
    ...createWriting(session, runs),
    ...createCharges(session, runs),
    forget: createForget(session),
  };
}
