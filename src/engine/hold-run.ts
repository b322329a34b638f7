/** Takes runs for as long as something lasts that waits for others: a forge, checks. Keeps the leases, hears people, lets go. */
import { LoopwrightError } from '../core/errors.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { EngineDependencies } from './dependencies.ts';
import { takeRun } from './leg.ts';
import type { EventListener, Recorder } from './recorder.ts';

export interface HoldOptions {
  readonly listener: EventListener;
  /** Ends it: what was cut short is found again by the next try. */
  readonly signal: AbortSignal;
}

/** What was begun when a person ended it is found again. */
export function interrupted(message: string, cause?: unknown): LoopwrightError {
  const next = 'Give the same command again: what was begun is found, and finished.';
  return new LoopwrightError('LW_INTERRUPTED', { message, next, cause });
}

/** Keeps the leases while `act` works, which gets a signal that ends when one is lost or `loopwright stop` was typed. */
export async function whileHeld<T>(
  { store, clock }: Pick<EngineDependencies, 'store' | 'clock'>,
  recorders: readonly Recorder[],
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Sent before it was taken: meant for whoever had it then.
  for (const { lease } of recorders) await store.takeSignals(lease);
  const over = new AbortController();
  const ends = recorders.map(({ lease }) =>
    startHeartbeat({
      store,
      clock,
      lease,
      onSignal: ({ by }) => over.abort(interrupted(`${by} ended it`)),
      look: () => Promise.resolve(),
      onLost: (error) => over.abort(error),
    }),
  );
  try {
    return await act(over.signal);
  } catch (error) {
    // git and others say only that they were ended; whoever ended them says why.
    if (error instanceof Error && error.name === 'AbortError') over.signal.throwIfAborted();
    throw error;
  } finally {
    for (const end of ends) await end();
  }
}

/** `act` gets a signal that also ends when the lease is lost or `loopwright stop` was typed. */
export async function holdRun<T>(
  deps: EngineDependencies,
  runId: string,
  options: HoldOptions,
  act: (recorder: Recorder, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const recorder = await takeRun(deps, runId, options.listener);
  try {
    return await whileHeld(deps, [recorder], (over) => act(recorder, AbortSignal.any([options.signal, over])));
  } finally {
    await deps.store.release(recorder.lease);
  }
}
