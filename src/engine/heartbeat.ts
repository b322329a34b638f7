/** Keeps the lease alive and carries messages from people to the leg. */
import { isLoopwrightError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lease, RunStore, Signal } from '../ports/store.ts';

/** A dead supervisor's run can be taken over after this long (recovery time is the length of the lease). */
export const LEASE_MS = 15_000;
/** A person who types `loopwright stop` should not wait noticeably. */
const POLL_MS = 200;
/** A freeze is to be obeyed within seconds. */
const LOOK_MS = 1_000;

export interface HeartbeatOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  readonly lease: Lease;
  readonly onSignal: (signal: Signal) => void;
  /** Called about once a second: what else a person may have done meanwhile. */
  readonly look: () => Promise<void>;
  /** The lease is gone or the store failed: whatever runs must end, nothing more may be written. */
  readonly onLost: (error: unknown) => void;
}

/** Starts beating; the returned function stops it and resolves when no beat is under way. */
export function startHeartbeat(options: HeartbeatOptions): () => Promise<void> {
  const { store, clock, lease } = options;
  const ended = new AbortController();

  async function beat(): Promise<void> {
    let renewedMs = clock.monotonicMs();
    let lookedMs = renewedMs;
    while (!ended.signal.aborted) {
      await clock.sleep(POLL_MS, ended.signal);
      if (ended.signal.aborted) return;
      for (const signal of await store.takeSignals(lease)) options.onSignal(signal);
      if (clock.monotonicMs() - lookedMs >= LOOK_MS) {
        await options.look();
        lookedMs = clock.monotonicMs();
      }
      if (clock.monotonicMs() - renewedMs >= LEASE_MS / 4) {
        await store.renew(lease, LEASE_MS);
        renewedMs = clock.monotonicMs();
      }
    }
  }

  const beating = beat().catch((error: unknown) => {
    if (!isLoopwrightError(error)) throw error;
    options.onLost(error);
  });
  return async () => {
    ended.abort();
    await beating;
  };
}
