/** A store that was tampered with, is locked, or has no space left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { canMount, startStoreWorker, withMounts } from '../../../test/process/store-client.ts';
import type { Append, RunStore } from '../../ports/store.ts';
import { openSqliteStore } from './index.ts';
import { openDatabase } from './open.ts';
import { createSqliteStore } from './store.ts';

const root = mkdtempSync(join(tmpdir(), 'loopwright-damage-'));
const mountable = canMount(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function newFile(): string {
  return join(mkdtempSync(join(root, 'case-')), 'store.sqlite');
}

function saying(by: string): Append {
  return { event: { type: 'stop.requested', by }, at: 0, activeMs: 0 };
}

/** Bytes that do not compress, different for each seed. */
function noise(length: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

interface Opened {
  readonly store: RunStore;
  /** A second connection, as somebody with another program would have. */
  readonly other: DatabaseSync;
  readonly close: () => Promise<void>;
}

async function opened(busyTimeoutMs = 5_000): Promise<Opened> {
  const file = newFile();
  const store = await openSqliteStore({ file, now: () => 0, busyTimeoutMs });
  const other = new DatabaseSync(file);
  return {
    store,
    other,
    async close() {
      other.close();
      await store.close();
    },
  };
}

describe('verify', () => {
  it.each([
    ['an event was changed', `UPDATE event SET body = replace(body, '"by":"3"', '"by":"X"') WHERE seq = 3`, 10, 3],
    ['an event was deleted', 'DELETE FROM event WHERE seq = 3', 9, 3],
    ['the last events were deleted', 'DELETE FROM event WHERE seq > 7', 7, 8],
    [
      'the last events were deleted and the count made to fit',
      'DELETE FROM event WHERE seq > 7; UPDATE run SET last_seq = 7',
      7,
      7,
    ],
    ['an event was added', `INSERT INTO event SELECT run, 11, body, hash FROM event WHERE seq = 10`, 11, 11],
    ['an event was replaced by text that is no JSON', `UPDATE event SET body = 'gone' WHERE seq = 1`, 10, 1],
    ['nothing was done', 'SELECT 1', 10, null],
  ])('knows where: %s', async (_name, sql, events, brokenAt) => {
    const { store, other, close } = await opened();
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    for (let count = 1; count <= 10; count += 1) await store.append(lease, [saying(String(count))]);
    other.exec(sql);
    expect(await store.verify('r')).toEqual({ events, brokenAt });
    await close();
  });

  it('is not needed to see an event that is no JSON any more: reading names it', async () => {
    const { store, other, close } = await opened();
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    await store.append(lease, [saying('a'), saying('b')]);
    other.exec(`UPDATE event SET body = 'gone' WHERE seq = 2`);
    await expect(store.read('r')).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('event 2 of run r is damaged'),
    });
    await close();
  });
});

describe('a payload', () => {
  it.each([
    ['other bytes', `UPDATE blob SET bytes = x'00', codec = 'raw'`],
    ['bytes that do not decompress', `UPDATE blob SET bytes = x'00', codec = 'zstd'`],
    ['a wrong length', 'UPDATE blob SET size = size - 1'],
    ['a cut-off end', 'UPDATE blob SET bytes = substr(bytes, 1, length(bytes) - 5)'],
  ])('with %s is damaged, never returned', async (_name, sql) => {
    const { store, other, close } = await opened();
    const hash = await store.putBlob(Buffer.from('prompt '.repeat(100)));
    other.exec(sql);
    await expect(store.getBlob(hash)).rejects.toMatchObject({
      code: 'LW_BLOB_MISSING',
      message: expect.stringContaining('is damaged'),
    });
    await close();
  });

  it('is compressed when that makes it smaller, and kept as it is when not', async () => {
    const { store, other, close } = await opened();
    await store.putBlob(Buffer.from('prompt '.repeat(1_000)));
    await store.putBlob(noise(1_000, 1));
    expect(other.prepare('SELECT size, codec, length(bytes) < 100 AS small FROM blob ORDER BY size').all()).toEqual([
      { size: 1_000, codec: 'raw', small: 0 },
      { size: 7_000, codec: 'zstd', small: 1 },
    ]);
    await close();
  });
});

describe('forgetting', () => {
  it('leaves no row behind, sweeps what a crash left an hour ago, and gives the space back', async () => {
    const file = newFile();
    let time = 0;
    const database = await openDatabase({ file });
    const store = createSqliteStore({ database, file, now: () => time });
    const size = (): unknown => database.prepare('PRAGMA page_count').get()?.['page_count'];
    const empty = size();
    await store.putBlob(noise(200_000, 1));
    time += 3_600_001;
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    const named = await store.putBlob(noise(200_000, 2));
    await store.append(lease, [saying(named)]);
    await store.signal('r', { kind: 'stop', by: 'ann' });
    const scopes = [{ kind: 'run', key: 'run:r', nanoUsd: 10, tokens: 10 }] as const;
    for (const callId of ['settled', 'open']) {
      await store.ledger.hold({ callId, lease, scopes, amount: { nanoUsd: 1, tokens: 1 }, holdMs: 1_000 });
    }
    const amount = { nanoUsd: 1, tokens: 1 };
    await store.ledger.settle({ callId: 'settled', lease, amount, basis: 'metered' });
    time += 1;
    await store.forget('r');
    for (const table of ['run', 'event', 'signal', 'blob', 'run_blob', 'scope', 'hold', 'hold_scope', 'charge']) {
      expect([table, database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()]).toEqual([table, { rows: 0 }]);
    }
    expect(size()).toBe(empty);
    await store.close();
  });
});

describe('a store another process keeps locked', () => {
  it('says so after the time it waits, and works on when it is free', async () => {
    const { store, other, close } = await opened(50);
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append(lease, [saying('a')])).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('locked'),
    });
    expect(await store.read('r')).toEqual([]);
    other.exec('ROLLBACK');
    expect((await store.append(lease, [saying('b')]))[0]?.seq).toBe(1);
    await close();
  });
});

describe('a full disk', () => {
  it('is named, and the log is whole and goes on once there is space', async () => {
    const file = newFile();
    const database = await openDatabase({ file });
    const store = createSqliteStore({ database, file, now: () => 0 });
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    database.exec('PRAGMA max_page_count = 60');
    let kept = 0;
    const fill = async (): Promise<never> => {
      for (;;) kept = (await store.append(lease, [saying('x'.repeat(3_000)), saying('y'.repeat(3_000))]))[1]?.seq ?? 0;
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'LW_DISK_FULL',
      next: expect.stringContaining('Free some space'),
    });
    await expect(store.putBlob(noise(100_000, 1))).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
    expect(kept).toBeGreaterThan(0);
    expect(await store.verify('r')).toEqual({ events: kept, brokenAt: null });
    database.exec('PRAGMA max_page_count = 100000');
    expect((await store.append(lease, [saying('again')]))[0]?.seq).toBe(kept + 1);
    expect((await store.verify('r')).brokenAt).toBe(null);
    await store.close();
  });

  it.skipIf(!mountable)('leaves the log whole on a real file system too (needs user namespaces)', async () => {
    const file = newFile();
    const worker = startStoreWorker(file, withMounts('mount -t tmpfs -o size=600k tmpfs "$1"', join(file, '..')));
    expect(await worker.next()).toEqual({ value: 'open' });
    worker.call('create', 'r', '/repo', 'ann', 60_000);
    await worker.next();
    worker.call('hammer', { runId: 'r', epoch: 1 }, null);
    let kept = 0;
    let said = await worker.next();
    for (; said !== null && 'acknowledged' in said; said = await worker.next()) kept = said.acknowledged;
    expect(said).toEqual({ error: 'LW_DISK_FULL', message: expect.stringContaining('is full') });
    expect(kept).toBeGreaterThan(0);
    worker.call('verify', 'r');
    expect(await worker.next()).toEqual({ value: { events: kept, brokenAt: null } });
    await worker.end();
  });

  it.skipIf(!mountable)('is named when there is no space for even an empty store (needs user namespaces)', async () => {
    const file = newFile();
    const worker = startStoreWorker(file, withMounts('mount -t tmpfs -o size=8k tmpfs "$1"', join(file, '..')));
    expect(await worker.next()).toMatchObject({ error: 'LW_DISK_FULL' });
    await worker.end();
  });
});
