/** A run store in memory, for tests and dry runs. Same promises as the durable ones, except that it ends with the process. */
import type { RecordedEvent } from '../../core/event.ts';
import type { Lease, RunStore, RunSummary, Signal } from '../../ports/store.ts';
import { blobHash, EMPTY_HASH } from '../blob.ts';
import { EMPTY_LOG, keptBlobs, link, recorded, verifyChain } from '../chain.ts';
import type { Head, StoredEvent } from '../chain.ts';
import { isLive, leaseEnd, requireFree, requireNewest } from '../lease.ts';
import type { LeaseState } from '../lease.ts';
import { createLedger } from '../ledger.ts';
import { blobMissing, runExists, storeClosed, unknownRun } from '../refusals.ts';
import { horizons, SETTLE_MS } from '../retention.ts';
import { createMemoryFreezes } from './freezes.ts';
import { createMemoryLedgerRows } from './ledger.ts';
import type { MemoryLedgerRows } from './ledger.ts';

export interface MemoryStoreOptions {
  /** Wall clock, milliseconds since 1970 UTC. Decides when leases expire. */
  readonly now: () => number;
}

interface MemoryRun {
  readonly repository: string;
  readonly createdAt: number;
  readonly claimedAt: number;
  readonly lease: LeaseState;
  readonly head: Head;
  /** Grows in place: copying a long log for each event would cost the square of its length. */
  readonly events: StoredEvent[];
  readonly signals: readonly Signal[];
  readonly blobs: Set<string>;
}

interface Memory {
  readonly now: () => number;
  /** In order of creation. */
  readonly runs: Map<string, MemoryRun>;
  readonly blobs: Map<string, { readonly bytes: Uint8Array; readonly putAt: number }>;
  closed: boolean;
}

type Leases = Pick<RunStore, 'create' | 'claim' | 'renew' | 'release' | 'list'>;
type Log = Pick<RunStore, 'append' | 'read' | 'verify' | 'signal' | 'takeSignals'>;
type Blobs = Pick<RunStore, 'putBlob' | 'putBlobs' | 'getBlob' | 'forget' | 'close'>;

function open(memory: Memory): Memory {
  if (memory.closed) throw storeClosed();
  return memory;
}

function known(memory: Memory, runId: string): MemoryRun {
  const run = open(memory).runs.get(runId);
  if (run === undefined) throw unknownRun(runId);
  return run;
}

/** The run of the lease, if the lease may write. */
function fenced(memory: Memory, lease: Lease): MemoryRun {
  const run = open(memory).runs.get(lease.runId);
  requireNewest(run?.lease ?? null, lease);
  return known(memory, lease.runId);
}

function createLeases(memory: Memory): Leases {
  const { now, runs } = memory;
  return {
    async create(runId, repository, owner, leaseMs) {
      if (open(memory).runs.has(runId)) throw runExists(runId);
      const at = now();
      const lease = { epoch: 1, owner, leaseUntil: leaseEnd(at, leaseMs) };
      const nothing = { head: EMPTY_LOG, events: [], signals: [], blobs: new Set<string>() };
      runs.set(runId, { repository, createdAt: at, claimedAt: at, lease, ...nothing });
      return { runId, epoch: 1 };
    },
    async claim(runId, owner, leaseMs, force = false) {
      const run = known(memory, runId);
      const at = now();
      if (!force) requireFree(runId, run.lease, { owner, now: at });
      const epoch = run.lease.epoch + 1;
      runs.set(runId, { ...run, claimedAt: at, lease: { epoch, owner, leaseUntil: leaseEnd(at, leaseMs) } });
      return { runId, epoch };
    },
    async renew(lease, leaseMs) {
      const run = fenced(memory, lease);
      runs.set(lease.runId, { ...run, lease: { ...run.lease, leaseUntil: leaseEnd(now(), leaseMs) } });
    },
    async release(lease) {
      const run = open(memory).runs.get(lease.runId);
      if (run?.lease.epoch !== lease.epoch) return;
      runs.set(lease.runId, { ...run, lease: { ...run.lease, owner: null } });
    },
    async list() {
      const at = now();
      const summary = ([runId, run]: [string, MemoryRun]): RunSummary => {
        const { repository, createdAt, head, lease } = run;
        return { runId, repository, createdAt, lastSeq: head.seq, live: isLive(lease, at) };
      };
      const all = [...open(memory).runs].map(summary).reverse();
      return all.sort((left, right) => right.createdAt - left.createdAt);
    },
  };
}

function createLog(memory: Memory): Log {
  const { runs } = memory;
  return {
    async append(lease, appends) {
      const run = fenced(memory, lease);
      const added = link(run.head, lease, appends);
      const kept = added.flatMap(({ body }, index) => keptBlobs(body, appends[index]));
      for (const event of added) run.events.push(event);
      for (const hash of kept) run.blobs.add(hash);
      runs.set(lease.runId, { ...run, head: added.at(-1) ?? run.head });
      return added.map(({ body }) => recorded(body));
    },
    async read(runId, fromSeq = 1): Promise<readonly RecordedEvent[]> {
      const { events } = known(memory, runId);
      return events.filter(({ seq }) => seq >= fromSeq).map(({ body }) => recorded(body));
    },
    async verify(runId) {
      const { head, events } = known(memory, runId);
      return verifyChain(runId, head, events);
    },
    async signal(runId, signal) {
      const run = known(memory, runId);
      runs.set(runId, { ...run, signals: [...run.signals, { ...signal }] });
    },
    async takeSignals(lease) {
      const run = fenced(memory, lease);
      runs.set(lease.runId, { ...run, signals: [] });
      return run.signals;
    },
  };
}

function forget(memory: Memory, ledger: MemoryLedgerRows, runId: string): void {
  const run = known(memory, runId);
  const { now, runs, blobs } = memory;
  ledger.forget(runId);
  runs.delete(runId);
  const at = now();
  const claims = [...runs.values()]
    .filter(({ lease }) => isLive(lease, at - SETTLE_MS))
    .map(({ claimedAt }) => claimedAt);
  const { named, neverNamed } = horizons(at, claims.length === 0 ? null : Math.min(...claims));
  const needed = new Set([...runs.values()].flatMap((other) => [...other.blobs]));
  for (const [hash, { putAt }] of blobs) {
    if (!needed.has(hash) && putAt < (run.blobs.has(hash) ? named : neverNamed)) blobs.delete(hash);
  }
}

function createBlobs(memory: Memory, ledger: MemoryLedgerRows): Blobs {
  const { now, blobs } = memory;
  const put = (bytes: Uint8Array): string => {
    const hash = blobHash(bytes);
    open(memory);
    const known = blobs.get(hash) ?? { bytes: bytes.slice(), putAt: 0 };
    if (hash !== EMPTY_HASH) blobs.set(hash, { ...known, putAt: Math.max(known.putAt, now()) });
    return hash;
  };
  return {
    async putBlob(bytes) {
      return put(bytes);
    },
    async putBlobs(many) {
      open(memory);
      return many.map(put);
    },
    async getBlob(hash) {
      const blob = open(memory).blobs.get(hash);
      if (hash === EMPTY_HASH) return new Uint8Array();
      if (blob === undefined) throw blobMissing(hash, 'is not in the store');
      return blob.bytes.slice();
    },
    async forget(runId) {
      forget(memory, ledger, runId);
    },
    async close() {
      memory.closed = true;
    },
  };
}

export function createMemoryStore({ now }: MemoryStoreOptions): RunStore {
  const memory: Memory = { now: () => Math.floor(now()), runs: new Map(), blobs: new Map(), closed: false };
  const lease = (runId: string): LeaseState | null => open(memory).runs.get(runId)?.lease ?? null;
  const rows = createMemoryLedgerRows({ now: memory.now, lease });
  return {
    ...createLeases(memory),
    ...createLog(memory),
    ...createBlobs(memory, rows),
    ledger: createLedger(rows),
    freezes: createMemoryFreezes(memory.now, () => void open(memory)),
  };
}
