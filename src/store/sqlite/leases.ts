/** Who drives a run. Every decision is taken inside the transaction that writes it. */
import type { RunStore } from '../../ports/store.ts';
import { GENESIS } from '../chain.ts';
import { isLive, leaseEnd, requireFree, requireNewest } from '../lease.ts';
import { runExists } from '../refusals.ts';
import { numberOf, optionalTextOf, textOf } from './columns.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';

type Leases = Pick<RunStore, 'create' | 'claim' | 'renew' | 'release' | 'list'>;

export function createLeases(session: Session, runs: Runs): Leases {
  const { database, now } = session;
  const insert = database.prepare(
    `INSERT INTO run (run_id, repository, created_at, last_seq, head, epoch, owner, claimed_at, lease_until)
     VALUES (?, ?, ?, 0, '${GENESIS}', 1, ?, ?, ?)`,
  );
  const take = database.prepare('UPDATE run SET epoch = ?, owner = ?, claimed_at = ?, lease_until = ? WHERE id = ?');
  const extend = database.prepare('UPDATE run SET lease_until = ? WHERE id = ?');
  const letGo = database.prepare('UPDATE run SET owner = NULL WHERE run_id = ? AND epoch = ?');
  const all = database.prepare(
    `SELECT run_id, repository, created_at, last_seq, epoch, owner, lease_until FROM run
     ORDER BY created_at DESC, id DESC`,
  );
  return {
    async create(runId, repository, owner, leaseMs) {
      return session.write(() => {
        if (runs.find(runId) !== null) throw runExists(runId);
        const at = now();
        insert.run(runId, repository, at, owner, at, leaseEnd(at, leaseMs));
        return { runId, epoch: 1 };
      });
    },
    async claim(runId, owner, leaseMs, force = false) {
      return session.write(() => {
        const run = runs.require(runId);
        const at = now();
        if (!force) requireFree(runId, run, { owner, now: at });
        const epoch = run.epoch + 1;
        take.run(epoch, owner, at, leaseEnd(at, leaseMs), run.id);
        return { runId, epoch };
      });
    },
    async renew(lease, leaseMs) {
      session.write(() => {
        const run = runs.find(lease.runId);
        requireNewest(run, lease);
        if (run !== null) extend.run(leaseEnd(now(), leaseMs), run.id);
      });
    },
    async release(lease) {
      session.write(() => letGo.run(lease.runId, lease.epoch));
    },
    async list() {
      const at = now();
      return session.read(() =>
        all.all().map((row) => ({
          runId: textOf(row, 'run_id'),
          repository: textOf(row, 'repository'),
          createdAt: numberOf(row, 'created_at'),
          lastSeq: numberOf(row, 'last_seq'),
          live: isLive(
            {
              epoch: numberOf(row, 'epoch'),
              owner: optionalTextOf(row, 'owner'),
              leaseUntil: numberOf(row, 'lease_until'),
            },
            at,
          ),
        })),
      );
    },
  };
}
