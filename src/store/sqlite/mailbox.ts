/** Messages to whoever drives a run; kept until taken. */
import type { Lease, RunStore, Signal } from '../../ports/store.ts';
import { requireNewest } from '../lease.ts';
import { numberOf, textOf } from './columns.ts';
import type { Row } from './columns.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';

type Mailbox = Pick<RunStore, 'signal' | 'takeSignals'>;

function signalOf(row: Row): Signal {
  return { kind: textOf(row, 'kind') === 'kill' ? 'kill' : 'stop', by: String(JSON.parse(textOf(row, 'sender'))) };
}

export function createMailbox(session: Session, runs: Runs): Mailbox {
  const { database } = session;
  const insert = database.prepare('INSERT INTO signal (run, kind, sender) VALUES (?, ?, ?)');
  const waiting = database.prepare('SELECT id, kind, sender FROM signal WHERE run = ? ORDER BY id');
  const remove = database.prepare('DELETE FROM signal WHERE run = ? AND id <= ?');

  /** The database id of the run of the lease, if the lease is the newest. */
  function idOf(lease: Lease): number {
    requireNewest(runs.find(lease.runId), lease);
    return runs.require(lease.runId).id;
  }

  function take(lease: Lease): readonly Row[] {
    const id = idOf(lease);
    const rows = waiting.all(id);
    const last = rows.at(-1);
    if (last !== undefined) remove.run(id, numberOf(last, 'id'));
    return rows;
  }

  return {
    async signal(runId, signal) {
      session.write(() => insert.run(runs.require(runId).id, signal.kind, JSON.stringify(signal.by)));
    },
    async takeSignals(lease) {
      // Polled several times a second: looking costs no write lock, only taking does.
      if (session.read(() => waiting.get(idOf(lease))) === undefined) return [];
      return session.write(() => take(lease)).map(signalOf);
    },
  };
}
