/** The model calls of another run, in the order they were made. */
import type { ModelCall } from '../core/model-event.ts';
import type { Replay } from '../ports/gateway.ts';
import type { RunStore } from '../ports/store.ts';

/** Rejects with `LW_RUN_UNKNOWN`. */
export async function replayOf(store: RunStore, runId: string): Promise<Replay> {
  const events = await store.read(runId);
  const calls: ModelCall[] = events.flatMap((event) => (event.type === 'model.called' ? [event] : []));
  return { runId, calls };
}
