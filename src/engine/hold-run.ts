/** Takes a run for as long as something lasts that waits for others: a forge, checks. Keeps the lease, hears people, lets go. */
import { startHeartbeat } from './heartbeat.ts';
import type { EngineDependencies } from './dependencies.ts';
import { takeRun } from './leg.ts';
import type { EventListener, Recorder } from './recorder.ts';

export interface HoldOptions {
  readonly listener: EventListener;
  /** Ends it: what was cut short is found again by the next try. */
  readonly signal: AbortSignal;
}

/** `act` gets a signal that also ends when the lease is lost or `loopwright stop` was typed. */
export async function holdRun<T>(
  deps: EngineDependencies,
  runId: string,
  options: HoldOptions,
  act: (recorder: Recorder, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const recorder = await takeRun(deps, runId, options.listener);
  const over = new AbortController();
  const endHeartbeat = startHeartbeat({
    store: deps.store,
    clock: deps.clock,
    lease: recorder.lease,
    onSignal: ({ by }) => over.abort(new Error(`ended by ${by}`)),
    look: () => Promise.resolve(),
    onLost: (error) => over.abort(error),
  });
  try {
    return await act(recorder, AbortSignal.any([options.signal, over.signal]));
  } finally {
    await endHeartbeat();
    await deps.store.release(recorder.lease);
  }
}
