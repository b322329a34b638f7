/** From a path to an open database of the right version, or a refusal that says what was seen. */
import { accessSync, chmodSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { versions } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasSystemCode } from '../../core/system-code.ts';
import { failureOf, SQLITE_BUSY, sqliteCode, unavailable } from './failures.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.ts';
import { firstNumber, newerStore } from './session.ts';

export interface OpenOptions {
  /** Absolute path of the database file. Its directory is made when missing. */
  readonly file: string;
  /**
   * Milliseconds a statement waits for another process's lock; it blocks the event loop meanwhile, so it must stay well
   * below the length of a lease. Default 5,000: the longest wait measured with 8 processes hammering was 4.0 s.
   */
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 5_000;
const RETRY_MS = 25;
/** Bytes the write-ahead log may keep after a checkpoint; it grows past this only while a large blob is written. */
const JOURNAL_SIZE_LIMIT_BYTES = 67_108_864;

/** 3.51.3 repaired a defect that could corrupt a file in WAL mode when it was reset (sqlite.org/wal.html, the WAL-reset bug). */
const FIRST_SAFE_SQLITE = [3, 51, 3] as const;

export function isSafeSqlite(version: string | undefined): boolean {
  const seen = (version ?? '').split('.').map(Number);
  for (const [index, wanted] of FIRST_SAFE_SQLITE.entries()) {
    const part = seen[index] ?? Number.NaN;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function requireSafeSqlite(file: string): void {
  if (isSafeSqlite(versions['sqlite'])) return;
  throw unavailable(file, {
    seen: `this Node brings SQLite ${versions['sqlite'] ?? '(none)'}, and files in WAL mode are only safe from ${FIRST_SAFE_SQLITE.join('.')} on`,
    next: 'Use Node 24.16 or newer (or 26.1 or newer).',
  });
}

/**
 * Makes the directory and what is missing above it, one by one: told to make them all, Node reports a read-only parent as
 * "no such file", and tries for ever where nothing can be made at all (below /proc).
 */
function prepareDirectory(directory: string): void {
  const missing: string[] = [];
  let parent = directory;
  while (statSync(parent, { throwIfNoEntry: false }) === undefined && dirname(parent) !== parent) {
    missing.push(parent);
    parent = dirname(parent);
  }
  if (missing.length > 0) accessSync(parent, constants.W_OK);
  for (const path of missing.toReversed()) makeDirectory(path);
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process made it at the same time, in the same way.
    if (!hasSystemCode(error, 'EEXIST')) throw error;
  }
}

/**
 * Makes the file private before SQLite opens it: the -wal and -shm files get the same mode. An existing database is
 * never opened and closed here, since closing any descriptor of it drops the locks this process holds on it elsewhere.
 */
function prepareFile(file: string): void {
  prepareDirectory(dirname(file));
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    try {
      writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      // Another process made it at the same time, in the same way.
      if (!hasSystemCode(error, 'EEXIST')) throw error;
    }
    return;
  }
  if (!found.isFile()) {
    throw unavailable(file, { seen: 'it is not a file', next: 'Point LOOPWRIGHT_HOME to another directory.' });
  }
  accessSync(file, constants.R_OK | constants.W_OK);
  if ((found.mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function pragma(database: DatabaseSync, text: string): number {
  return firstNumber(database.prepare(`PRAGMA ${text}`).get());
}

/** Refuses files of other programs and of newer loopwrights before anything in them is changed. */
function requireOurs(database: DatabaseSync, file: string): void {
  const application = pragma(database, 'application_id');
  const tables = firstNumber(database.prepare('SELECT count(*) FROM sqlite_schema').get());
  const version = pragma(database, 'user_version');
  const fresh = application === 0 && version === 0 && tables === 0;
  if (application !== APPLICATION_ID && !fresh) {
    throw unavailable(file, {
      seen: `it is a database of another program (application id ${application}, ${tables} tables and indexes)`,
      next: 'Move the file away, or point LOOPWRIGHT_HOME to another directory.',
    });
  }
  if (version > SCHEMA_VERSION) throw newerStore(file, version);
}

/** All missing migrations in one transaction, whose lock is also what makes several processes at once safe. */
function migrate(database: DatabaseSync, file: string): void {
  if (pragma(database, 'user_version') === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    requireOurs(database, file);
    for (const sql of MIGRATIONS.slice(pragma(database, 'user_version'))) database.exec(sql);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function prepareDatabase(database: DatabaseSync, file: string): void {
  requireOurs(database, file);
  // So that `forget` can give space back to the disk; only has an effect before the first page of a file is written.
  // Later it would still write, and a record could not be read on a full disk.
  if (pragma(database, 'user_version') === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') {
    throw unavailable(file, {
      seen: `its file system allows no write-ahead log (journal mode stays ${String(mode)})`,
      next: 'Point LOOPWRIGHT_HOME to a directory on a local disk.',
    });
  }
  database.exec('PRAGMA synchronous = FULL');
  database.exec(`PRAGMA journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`);
  database.exec('PRAGMA trusted_schema = OFF');
  migrate(database, file);
}

/**
 * Several processes may open a fresh file at once. The switch to WAL does not wait for locks (SQLite answers "busy" at
 * once where waiting could deadlock), so the whole preparation is repeated until the same time has passed.
 */
async function prepareWithPatience(database: DatabaseSync, options: Required<OpenOptions>): Promise<void> {
  const attempts = Math.max(1, Math.ceil(options.busyTimeoutMs / RETRY_MS));
  for (let attempt = 1; ; attempt += 1) {
    try {
      prepareDatabase(database, options.file);
      return;
    } catch (error) {
      if (sqliteCode(error) !== SQLITE_BUSY || attempt >= attempts) throw error;
    }
    await sleep(RETRY_MS);
  }
}

/**
 * Rejects with `LW_STORE_UNAVAILABLE` (unreadable, read-only, locked, corrupt, not ours), `LW_STORE_VERSION` (newer) or
 * `LW_DISK_FULL`.
 */
export async function openDatabase(options: OpenOptions): Promise<DatabaseSync> {
  const { file, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  requireSafeSqlite(file);
  let database: DatabaseSync | null = null;
  try {
    prepareFile(file);
    database = new DatabaseSync(file, {
      timeout: 0,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      defensive: true,
    });
    await prepareWithPatience(database, { file, busyTimeoutMs });
    database.exec(`PRAGMA busy_timeout = ${Math.ceil(busyTimeoutMs)}`);
    return database;
  } catch (error) {
    database?.close();
    throw failureOf(error, file);
  }
}
