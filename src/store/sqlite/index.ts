/** The default run store: one SQLite file per installation, safe for several processes at once. */
import type { RunStore } from '../../ports/store.ts';
import { openDatabase } from './open.ts';
import type { OpenOptions } from './open.ts';
import { createSqliteStore } from './store.ts';

export interface SqliteStoreOptions extends OpenOptions {
  /** Wall clock, milliseconds since 1970 UTC. Decides when leases expire; one clock for all processes of a machine. */
  readonly now: () => number;
}

/**
 * Opens the store, making or migrating it when needed. Every write is one transaction that was synced to disk when its
 * promise resolves; waiting for other processes blocks the event loop, for `busyTimeoutMs` at most.
 *
 * Rejects with `LW_STORE_UNAVAILABLE`, `LW_STORE_VERSION` or `LW_DISK_FULL`.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<RunStore> {
  const { file, now } = options;
  return createSqliteStore({ database: await openDatabase(options), file, now });
}
