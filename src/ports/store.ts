/** Event log, leases, signals, ledger and blobs. The in-memory and the SQLite store pass one conformance suite. */
import type { RecordedEvent, RunEvent } from '../core/event.ts';
import type { Freezes } from './freezes.ts';
import type { Ledger } from './ledger.ts';

export interface RunSummary {
  readonly runId: string;
  /** Absolute path of the user's repository, as in the task. */
  readonly repository: string;
  readonly createdAt: number;
  readonly lastSeq: number;
  /** A process holds the lease and it has not expired. */
  readonly live: boolean;
}

/** Proof that the holder may write. `epoch` grows by one with each claim; older epochs are fenced. */
export interface Lease {
  readonly runId: string;
  readonly epoch: number;
}

/** What is appended: the event, and the monotonic active time of the run at that instant. */
export interface Append {
  readonly event: RunEvent;
  readonly at: number;
  readonly activeMs: number;
  /** Blobs this event keeps alive beside those its text names: parts that a named blob is made of. */
  readonly references?: readonly string[];
}

/** A message to whoever drives the run; kept until taken, whether or not anybody drives it now. */
export interface Signal {
  readonly kind: 'stop' | 'kill';
  readonly by: string;
}

/**
 * Contract:
 * - `append` is atomic over its events and durable when it resolves. It rejects with `LW_STORE_FENCED` when the lease
 *   is not the newest, and then wrote nothing.
 * - Events of one run have `seq` 1, 2, 3 ... and each carries the SHA-256 of the one before it (`verify` re-computes).
 * - Any other failure to write rejects with `LW_STORE_UNAVAILABLE` or `LW_DISK_FULL`; nothing is half written.
 */
export interface RunStore {
  /** Registers a run and claims its first lease. Rejects with `LW_STORE_UNAVAILABLE` when the id is taken. */
  create(runId: string, repository: string, owner: string, leaseMs: number): Promise<Lease>;
  /** Takes the run: a new epoch. Rejects with `LW_RUN_BUSY` while another owner's lease has not expired, unless `force`. */
  claim(runId: string, owner: string, leaseMs: number, force?: boolean): Promise<Lease>;
  /** Extends the lease. Rejects with `LW_STORE_FENCED` when it is not the newest. */
  renew(lease: Lease, leaseMs: number): Promise<void>;
  /** Lets go. A no-op when the lease is not the newest. */
  release(lease: Lease): Promise<void>;

  append(lease: Lease, appends: readonly Append[]): Promise<readonly RecordedEvent[]>;
  /** Events with `seq >= fromSeq`, in order. Rejects with `LW_RUN_UNKNOWN` for an unknown run. */
  read(runId: string, fromSeq?: number): Promise<readonly RecordedEvent[]>;
  /** Re-computes the hash chain. `brokenAt` is the first seq whose chain does not hold, or null. */
  verify(runId: string): Promise<{ readonly events: number; readonly brokenAt: number | null }>;
  /** Newest first. */
  list(): Promise<readonly RunSummary[]>;

  signal(runId: string, signal: Signal): Promise<void>;
  /**
   * Takes all waiting signals, oldest first. Rejects with `LW_STORE_FENCED` when the lease is not the newest, and then took
   * nothing: a signal is for whoever drives the run now.
   */
  takeSignals(lease: Lease): Promise<readonly Signal[]>;

  /** Stores bytes under their SHA-256 (lower-case hex of the uncompressed bytes). Idempotent. */
  putBlob(bytes: Uint8Array): Promise<string>;
  /** Stores many in one step, all of them or none; their names in the order given. */
  putBlobs(blobs: readonly Uint8Array[]): Promise<readonly string[]>;
  /** Rejects with `LW_BLOB_MISSING`. Verifies the hash of what it returns. */
  getBlob(hash: string): Promise<Uint8Array>;

  /** Money and tokens. In the same file as the log, under the same leases. */
  readonly ledger: Ledger;

  /** Of all runs of this host; no run owns them, and `forget` leaves them. */
  readonly freezes: Freezes;

  /**
   * Forgets a run: its events, signals and blobs nobody else needs. Money stays spent: what it was charged, and what it
   * still holds, goes on counting in the scopes it shares with others. Used by `gc` only.
   */
  forget(runId: string): Promise<void>;
  close(): Promise<void>;
}
