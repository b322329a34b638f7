/** A ledger that is locked, full, or tampered with: it refuses, and holds nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import type { HoldAnswer, Scope } from '../../ports/ledger.ts';
import type { Lease, RunStore } from '../../ports/store.ts';
import { openDatabase } from './open.ts';
import { createSqliteStore } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'loopwright-ledger-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SCOPES: readonly Scope[] = [
  { kind: 'run', key: 'run:r', nanoUsd: 100, tokens: 100 },
  { kind: 'day', key: 'day:1', nanoUsd: 100, tokens: 100 },
];
const TEN = { nanoUsd: 10, tokens: 10 };

interface Opened {
  readonly store: RunStore;
  readonly lease: Lease;
  readonly database: DatabaseSync;
  /** A second connection, as somebody with another program would have: it checks nothing. */
  readonly other: DatabaseSync;
  readonly hold: (callId: string) => Promise<HoldAnswer>;
  readonly settle: (callId: string) => Promise<unknown>;
  readonly rows: () => unknown;
  readonly close: () => Promise<void>;
}

/** With one call `before` held. */
async function opened(busyTimeoutMs = 5_000): Promise<Opened> {
  const file = join(mkdtempSync(join(root, 'case-')), 'store.sqlite');
  const database = await openDatabase({ file, busyTimeoutMs });
  const store = createSqliteStore({ database, file, now: () => 0 });
  const lease = await store.create('r', '/repo', 'ann', 1_000);
  const other = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  other.exec('PRAGMA ignore_check_constraints = ON');
  const hold = (callId: string): Promise<HoldAnswer> =>
    store.ledger.hold({ callId, lease, scopes: SCOPES, amount: TEN, holdMs: 1_000 });
  await hold('before');
  return {
    store,
    lease,
    database,
    other,
    hold,
    settle: (callId) => store.ledger.settle({ callId, lease, amount: { nanoUsd: 1, tokens: 1 }, basis: 'metered' }),
    rows: () => ['scope', 'hold', 'hold_scope', 'charge'].map((table) => other.prepare(`SELECT * FROM ${table}`).all()),
    async close() {
      other.close();
      await store.close();
    },
  };
}

describe('a store another process keeps locked', () => {
  it('holds and charges nothing once it has waited, and goes on when it is free', async () => {
    const { other, hold, settle, rows, store, lease, close } = await opened(50);
    const before = rows();
    other.exec('BEGIN IMMEDIATE');
    for (const act of [() => hold('c'), () => settle('before'), () => store.ledger.sweep(lease)]) {
      await expect(act()).rejects.toMatchObject({
        code: 'LW_STORE_UNAVAILABLE',
        message: expect.stringContaining('locked'),
      });
    }
    other.exec('ROLLBACK');
    expect(rows()).toEqual(before);
    expect(await hold('c')).toEqual({ kind: 'held' });
    await close();
  });
});

describe('a full disk', () => {
  it('is named, nothing is held halfway, and what was held can be settled once there is space', async () => {
    const { database, store, lease, hold, settle, close } = await opened();
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
    database.exec(`PRAGMA max_page_count = ${Number(pages)}`);
    const scopes: readonly Scope[] = [{ kind: 'day', key: 'day:2', nanoUsd: 'unlimited', tokens: 'unlimited' }];
    let held = 0;
    const fill = async (): Promise<never> => {
      for (;;) {
        const callId = `${held}`.padEnd(300, '.');
        await store.ledger.hold({ callId, lease, scopes, amount: TEN, holdMs: 1_000 });
        held += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
    expect(held).toBeGreaterThan(0);
    const [balance] = await store.ledger.balances(scopes);
    expect(balance?.held).toEqual({ nanoUsd: held * 10, tokens: held * 10 });
    database.exec('PRAGMA max_page_count = 100000');
    expect(await settle('before')).toMatchObject({ basis: 'metered' });
    expect(await hold('after')).toEqual({ kind: 'held' });
    await close();
  });
});

describe('a damaged ledger', () => {
  it.each([
    ['less than nothing was spent', 'UPDATE scope SET spent_nano_usd = -1000'],
    ['less than nothing is held', 'UPDATE scope SET held_tokens = -1000'],
    ['more was spent than numbers count', 'UPDATE scope SET spent_tokens = 9223372036854775807'],
    ['the newest number there is was held', 'UPDATE scope SET held_nano_usd = 9223372036854775807'],
  ])('holds nothing: %s', async (_name, sql) => {
    const { other, hold, store, close } = await opened();
    other.exec(sql);
    for (const act of [() => hold('c'), () => store.ledger.balances(SCOPES)]) {
      await expect(act()).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE', message: /ledger is damaged/u });
    }
    expect(other.prepare('SELECT count(*) AS holds FROM hold').get()).toEqual({ holds: 1 });
    await close();
  });

  it.each([
    ['a hold is less than nothing', 'UPDATE hold SET nano_usd = -1'],
    ['a hold is closed without a charge', 'UPDATE hold SET open = 0'],
    ['a hold is in no scope', 'DELETE FROM hold_scope'],
    ['the scopes hold less than the hold', 'UPDATE scope SET held_nano_usd = 0'],
    ['the scopes are gone', 'DELETE FROM scope'],
  ])('charges nothing: %s', async (_name, sql) => {
    const { other, settle, close } = await opened();
    other.exec(sql);
    await expect(settle('before')).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
    expect(other.prepare('SELECT count(*) AS charges FROM charge').get()).toEqual({ charges: 0 });
    await close();
  });

  it('tells of no charge whose basis nobody knows', async () => {
    const { other, settle, store, close } = await opened();
    await settle('before');
    other.exec(`UPDATE charge SET basis = 'gift'`);
    for (const act of [() => store.ledger.charges('r'), () => settle('before')]) {
      await expect(act()).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE', message: /charged as gift/u });
    }
    await close();
  });
});

describe('the last line', () => {
  it.each(['held_nano_usd = held_nano_usd + 91', 'spent_nano_usd = 91', 'held_tokens = 101', 'spent_tokens = 91'])(
    'is the database itself: it refuses %s',
    async (change) => {
      const { database, close } = await opened();
      expect(() => database.exec(`UPDATE scope SET ${change}`)).toThrow(/CHECK constraint failed/u);
      database.exec('UPDATE scope SET held_nano_usd = held_nano_usd + 90, held_tokens = held_tokens + 90');
      await close();
    },
  );
});
