/** The event log: fenced, chained appends, and reading back exactly what was stored. */
import type { RecordedEvent } from '../../core/event.ts';
import type { RunStore } from '../../ports/store.ts';
import { keptBlobs, link, recorded, verifyChain } from '../chain.ts';
import type { StoredEvent } from '../chain.ts';
import { requireNewest } from '../lease.ts';
import { eventDamaged } from '../refusals.ts';
import { numberOf, textOf } from './columns.ts';
import type { Row } from './columns.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';

type Log = Pick<RunStore, 'append' | 'read' | 'verify'>;

function parse(row: Row, runId: string): RecordedEvent {
  try {
    return recorded(textOf(row, 'body'));
  } catch (error) {
    if (error instanceof SyntaxError) throw eventDamaged(runId, numberOf(row, 'seq'), error);
    throw error;
  }
}

function* storedEvents(rows: Iterable<Row>): Generator<StoredEvent> {
  for (const row of rows) {
    yield { seq: numberOf(row, 'seq'), body: textOf(row, 'body'), hash: textOf(row, 'hash') };
  }
}

export function createLog(session: Session, runs: Runs): Log {
  const { database } = session;
  const insert = database.prepare('INSERT INTO event (run, seq, body, hash) VALUES (?, ?, ?, ?)');
  const refer = database.prepare('INSERT OR IGNORE INTO run_blob (run, hash) VALUES (?, ?)');
  const advance = database.prepare('UPDATE run SET last_seq = ?, head = ? WHERE id = ?');
  const from = database.prepare('SELECT seq, body FROM event WHERE run = ? AND seq >= ? ORDER BY seq');
  const whole = database.prepare('SELECT seq, body, hash FROM event WHERE run = ? ORDER BY seq');
  return {
    async append(lease, appends) {
      const added = session.write(() => {
        const run = runs.find(lease.runId);
        requireNewest(run, lease);
        if (run === null) return [];
        const events = link(run.head, lease, appends);
        for (const [index, { seq, body, hash }] of events.entries()) {
          insert.run(run.id, seq, body, hash);
          for (const reference of keptBlobs(body, appends[index])) refer.run(run.id, reference);
        }
        const last = events.at(-1);
        if (last !== undefined) advance.run(last.seq, last.hash, run.id);
        return events;
      });
      return added.map(({ body }) => recorded(body));
    },
    async read(runId, fromSeq = 1) {
      return session.read(() => from.all(runs.require(runId).id, fromSeq).map((row) => parse(row, runId)));
    },
    async verify(runId) {
      return session.read(() => {
        const { id, head } = runs.require(runId);
        return verifyChain(runId, head, storedEvents(whole.iterate(id)));
      });
    },
  };
}
