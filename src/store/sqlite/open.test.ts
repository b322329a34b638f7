/** What a store is opened on: everything that can be wrong with a path, and what is said about it. */
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { canMount, startStoreWorker, withMounts } from '../../../test/process/store-client.ts';
import type { RunStore } from '../../ports/store.ts';
import { openSqliteStore } from './index.ts';
import { isSafeSqlite, openDatabase } from './open.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.ts';

const root = mkdtempSync(join(tmpdir(), 'loopwright-open-'));
const mountable = canMount(root);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function open(file: string, busyTimeoutMs = 5_000): Promise<RunStore> {
  return openSqliteStore({ file, now: () => 0, busyTimeoutMs });
}

function directory(): string {
  return mkdtempSync(join(root, 'case-'));
}

async function filled(file: string): Promise<void> {
  const store = await open(file);
  const lease = await store.create('r', '/repo', 'ann', 1_000);
  for (let count = 0; count < 200; count += 1) {
    await store.append(lease, [{ event: { type: 'stop.requested', by: 'x'.repeat(400) }, at: 0, activeMs: 0 }]);
  }
  await store.close();
}

function overwrite(file: string, from: number, bytes: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(descriptor);
}

function raw(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe('a new store', () => {
  it('is readable by nobody else, nor are the files beside it and the directories made for it', async () => {
    const parent = join(directory(), 'a', 'b');
    const store = await open(join(parent, 'store.sqlite'));
    await store.create('r', '/repo', 'ann', 1_000);
    const modes = readdirSync(parent)
      .sort()
      .map((name) => [name, (statSync(join(parent, name)).mode & 0o777).toString(8)]);
    expect(modes).toEqual([
      ['store.sqlite', '600'],
      ['store.sqlite-shm', '600'],
      ['store.sqlite-wal', '600'],
    ]);
    expect(statSync(parent).mode & 0o777).toBe(0o700);
    expect(statSync(join(parent, '..')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  it('is one file once it is closed', async () => {
    const parent = directory();
    await filled(join(parent, 'store.sqlite'));
    expect(readdirSync(parent)).toEqual(['store.sqlite']);
  });

  it('is made private when it was not', async () => {
    const file = join(directory(), 'store.sqlite');
    writeFileSync(file, '', { mode: 0o644 });
    await (await open(file)).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('syncs every commit, keeps references whole and marks the file as ours', async () => {
    const database = await openDatabase({ file: join(directory(), 'store.sqlite') });
    const pragma = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
    expect(pragma('journal_mode')).toBe('wal');
    // 2 is FULL.
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(database.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 5_000 });
    expect(pragma('application_id')).toBe(APPLICATION_ID);
    expect(pragma('user_version')).toBe(SCHEMA_VERSION);
    database.close();
  });
});

describe('the version of SQLite', () => {
  it.each([
    ['3.51.3', true],
    ['3.53.4', true],
    ['4.0.0', true],
    ['3.51.2', false],
    ['3.50.7', false],
    ['3.9.9', false],
    ['', false],
    [undefined, false],
  ])('%s is safe for WAL: %s', (version, safe) => {
    expect(isSafeSqlite(version)).toBe(safe);
  });
});

describe('a path that cannot be a store is refused and left as it is', () => {
  it('when the file is no database', async () => {
    const file = join(directory(), 'store.sqlite');
    writeFileSync(file, 'a letter to my aunt, longer than the header of a database would have to be\n'.repeat(20));
    const before = readFileSync(file);
    await expect(open(file)).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('file is not a database'),
      next: expect.stringContaining('Move the file away'),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it('when it is a database of another program', async () => {
    const file = join(directory(), 'store.sqlite');
    raw(file, 'CREATE TABLE run (id INTEGER); PRAGMA application_id = 7');
    const before = readFileSync(file);
    await expect(open(file)).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('another program (application id 7, 1 tables'),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it('when it is a directory, or below a file', async () => {
    const parent = directory();
    await expect(open(parent)).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('it is not a file'),
    });
    writeFileSync(join(parent, 'file'), '');
    await expect(open(join(parent, 'file', 'store.sqlite'))).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
  });

  it('when a newer loopwright wrote it', async () => {
    const file = join(directory(), 'store.sqlite');
    await filled(file);
    raw(file, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const before = readFileSync(file);
    await expect(open(file)).rejects.toMatchObject({
      code: 'LW_STORE_VERSION',
      message: expect.stringContaining(`has version ${SCHEMA_VERSION + 1}`),
    });
    expect(readFileSync(file)).toEqual(before);
  });

  it('when a newer loopwright migrates it while it is open', async () => {
    const file = join(directory(), 'store.sqlite');
    const store = await open(file);
    const lease = await store.create('r', '/repo', 'ann', 1_000);
    raw(file, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    await expect(store.append(lease, [])).rejects.toMatchObject({ code: 'LW_STORE_VERSION' });
    await store.close();
  });

  it('when its first page is damaged', async () => {
    const file = join(directory(), 'store.sqlite');
    await filled(file);
    overwrite(file, 100, 3_900);
    await expect(open(file)).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('malformed'),
      next: expect.stringContaining('backup'),
    });
  });

  it('when the rest of it is damaged, at the first use at the latest', async () => {
    const file = join(directory(), 'store.sqlite');
    await filled(file);
    overwrite(file, 4_096, statSync(file).size - 4_096);
    const used = open(file).then(async (store) => {
      try {
        return await store.read('r');
      } finally {
        await store.close();
      }
    });
    await expect(used).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
  });

  it('when another process keeps it locked', async () => {
    const file = join(directory(), 'store.sqlite');
    await filled(file);
    const other = new DatabaseSync(file);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE held (id INTEGER)');
    await expect(open(file, 100)).rejects.toMatchObject({
      code: 'LW_STORE_UNAVAILABLE',
      message: expect.stringContaining('locked'),
      next: expect.stringContaining(`fuser ${file}`),
    });
    other.close();
    await (await open(file)).close();
  });

  it.skipIf(!mountable)('when its directory is read-only (needs user namespaces)', async () => {
    const parent = directory();
    const file = join(parent, 'store.sqlite');
    await filled(file);
    const readOnly = withMounts('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"', parent);
    for (const path of [file, join(parent, 'new.sqlite'), join(parent, 'new', 'store.sqlite')]) {
      const worker = startStoreWorker(path, readOnly);
      expect(await worker.next()).toEqual({
        error: 'LW_STORE_UNAVAILABLE',
        message: expect.stringMatching(/EROFS: read-only file system/u),
      });
      await worker.end();
    }
  });
});

describe('migrations', () => {
  it('start from nothing and end at the version of the program', () => {
    expect(MIGRATIONS.length).toBeGreaterThanOrEqual(1);
    expect(SCHEMA_VERSION).toBe(MIGRATIONS.length);
  });

  it('that fail leave nothing behind', async () => {
    const file = join(directory(), 'store.sqlite');
    // Ours by its mark, version 0, and in the way of the first migration.
    raw(file, `PRAGMA application_id = ${APPLICATION_ID}; CREATE TABLE signal (id INTEGER)`);
    await expect(open(file)).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'signal' }]);
    database.close();
  });

  it('wait for a store that is being made', async () => {
    const parent = directory();
    mkdirSync(join(parent, 'x'));
    const file = join(parent, 'x', 'store.sqlite');
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(file)));
    for (const store of stores) await store.close();
    expect(stores.length).toBe(8);
  });
});
