/** Puts the parts together over one open database. Statements are prepared once, here. */
import type { RunStore } from '../../ports/store.ts';
import type { DatabaseSync } from 'node:sqlite';
import { createLedger } from '../ledger.ts';
import { createBlobs } from './blobs.ts';
import { failureOf } from './failures.ts';
import { createFreezes } from './freezes.ts';
import { createLeases } from './leases.ts';
import { createLedgerRows } from './ledger.ts';
import { createLog } from './log.ts';
import { createMailbox } from './mailbox.ts';
import { createRuns } from './runs.ts';
import { createSession } from './session.ts';

export function createSqliteStore(options: { database: DatabaseSync; file: string; now: () => number }): RunStore {
  try {
    const session = createSession(options);
    const runs = createRuns(session);
    const rows = createLedgerRows(session, runs);
    return {
      ...createLeases(session, runs),
      ...createLog(session, runs),
      ...createMailbox(session, runs),
      ...createBlobs(session, runs, rows.forget),
      ledger: createLedger(rows),
      freezes: createFreezes(session),
      async close() {
        session.close();
      },
    };
  } catch (error) {
    options.database.close();
    throw failureOf(error, options.file);
  }
}
