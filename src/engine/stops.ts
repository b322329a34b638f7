/** Who can end a leg before it is done: people, by signals and through the store; a freeze; and the loss of the lease. */
import type { Signal } from '../ports/store.ts';
import { noticeFreezes } from './freezes.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { Leg } from './held.ts';

export interface StopSources {
  /** Aborts for a clean stop: the turn ends, what it did is collected, the run is stopped. */
  readonly stop?: AbortSignal;
  /** Aborts to end everything at once. The log stays as it is and the run can be resumed. */
  readonly kill?: AbortSignal;
}

/** Connects people and the lease to the leg. The returned function disconnects them again. */
export function connectStops(leg: Leg, options: StopSources, waiting: readonly Signal[]): () => Promise<void> {
  const kill = (reason: unknown): void => {
    leg.killed.abort(reason);
    leg.effects.abort('kill');
  };
  const stop = (by: string): void => {
    const { stopRequested, stop: stopped } = leg.recorder.state();
    if (stopRequested !== null || stopped !== null) return;
    leg.recorder.append({ type: 'stop.requested', by }).then(() => leg.effects.abort('stop'), kill);
  };
  const disconnected = new AbortController();
  const listen = (source: AbortSignal | undefined, act: () => void): void => {
    if (source?.aborted === true) act();
    source?.addEventListener('abort', act, { signal: disconnected.signal });
  };
  listen(options.stop, () => stop('Ctrl-C'));
  listen(options.kill, () => kill(new Error('killed by Ctrl-C')));
  for (const { kind, by } of waiting) if (kind === 'stop') stop(by);
  const endHeartbeat = startHeartbeat({
    store: leg.deps.store,
    clock: leg.deps.clock,
    lease: leg.recorder.lease,
    onSignal: ({ kind, by }) => (kind === 'kill' ? kill(new Error(`killed by ${by}`)) : stop(by)),
    look: async () => {
      if (await noticeFreezes(leg.deps, leg.recorder)) leg.effects.abort('freeze');
    },
    onLost: kill,
  });
  return async () => {
    disconnected.abort();
    await endHeartbeat();
  };
}
