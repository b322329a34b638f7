/** Appends what happened, folds it, and tells whoever listens. The only writer of a run's log during a leg. */
import { assert } from '../core/errors.ts';
import { EVENT_VERSION } from '../core/event.ts';
import type { RecordedEvent, RunEvent } from '../core/event.ts';
import { evolve, foldRun } from '../core/evolve.ts';
import type { RunState } from '../core/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lease, RunStore } from '../ports/store.ts';

export type EventListener = (event: RecordedEvent, state: RunState) => void;

export interface Recorder {
  readonly lease: Lease;
  /** The fold of everything appended so far. Throws before the first event. */
  state(): RunState;
  /** Durable when it resolves. Rejects with `LW_STORE_FENCED` once another process took the run. */
  append(...events: readonly RunEvent[]): Promise<void>;
  /** The same, for events that need blobs they do not name. */
  appendWith(references: readonly string[], ...events: readonly RunEvent[]): Promise<void>;
}

export interface RecorderOptions {
  readonly store: RunStore;
  readonly clock: Clock;
  readonly lease: Lease;
  /** The log so far; empty for a run that is being started. */
  readonly history: readonly RecordedEvent[];
  readonly listener: EventListener;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { store, clock, lease, listener } = options;
  let state: RunState | null = options.history.length === 0 ? null : foldRun(options.history);
  const activeBefore = state?.activeMs ?? 0;
  const startedMs = clock.monotonicMs();
  // Appends of one leg may come from the loop and from a signal handler; the log has one order.
  let queue: Promise<unknown> = Promise.resolve();

  /** A contradiction is found before it is written: a log that cannot be folded could never be resumed. */
  function rehearse(events: readonly RunEvent[], at: number, activeMs: number): void {
    let next = state;
    for (const event of events) {
      const seq = (next?.lastSeq ?? 0) + 1;
      next = evolve(next, { ...event, seq, at, activeMs, runId: lease.runId, epoch: lease.epoch, v: EVENT_VERSION });
    }
  }

  async function write(events: readonly RunEvent[], references: readonly string[]): Promise<void> {
    const activeMs = activeBefore + Math.max(0, Math.floor(clock.monotonicMs() - startedMs));
    const at = clock.now();
    rehearse(events, at, activeMs);
    const recorded = await store.append(
      lease,
      events.map((event) => ({ event, at, activeMs, references })),
    );
    for (const event of recorded) {
      state = evolve(state, event);
      listener(event, state);
    }
  }

  function enqueue(events: readonly RunEvent[], references: readonly string[]): Promise<void> {
    const result = queue.then(() => write(events, references));
    // A failed append rejects its own caller; the next one must still get its turn.
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    lease,
    state(): RunState {
      assert(state !== null, 'the run was started');
      return state;
    },
    append: (...events) => enqueue(events, []),
    appendWith: (references, ...events) => enqueue(events, references),
  };
}
