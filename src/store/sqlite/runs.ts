/** Rows of runs, as the other files of this store need them. */
import type { StatementSync } from 'node:sqlite';
import type { Head } from '../chain.ts';
import type { LeaseState } from '../lease.ts';
import { unknownRun } from '../refusals.ts';
import { numberOf, optionalTextOf, textOf } from './columns.ts';
import type { Session } from './session.ts';

interface RunRow extends LeaseState {
  readonly id: number;
  readonly head: Head;
}

export interface Runs {
  find(runId: string): RunRow | null;
  /** Throws `LW_RUN_UNKNOWN`. */
  require(runId: string): RunRow;
}

export function createRuns(session: Session): Runs {
  const select: StatementSync = session.database.prepare(
    'SELECT id, last_seq, head, epoch, owner, lease_until FROM run WHERE run_id = ?',
  );
  function find(runId: string): RunRow | null {
    const row = select.get(runId);
    if (row === undefined) return null;
    return {
      id: numberOf(row, 'id'),
      head: { seq: numberOf(row, 'last_seq'), hash: textOf(row, 'head') },
      epoch: numberOf(row, 'epoch'),
      owner: optionalTextOf(row, 'owner'),
      leaseUntil: numberOf(row, 'lease_until'),
    };
  }
  return {
    find,
    require(runId) {
      const run = find(runId);
      if (run === null) throw unknownRun(runId);
      return run;
    },
  };
}
