/** What the ledger knows and the log does not: calls whose supervisor died between the two. */
import type { Charge } from '../ports/ledger.ts';
import type { RunStore } from '../ports/store.ts';
import type { Recorder } from './recorder.ts';

async function knownCalls(store: RunStore, runId: string): Promise<ReadonlySet<string>> {
  const events = await store.read(runId);
  return new Set(
    events.flatMap((event) =>
      event.type === 'model.called' || event.type === 'charge.recovered' ? [event.callId] : [],
    ),
  );
}

function costs({ amount }: Charge): boolean {
  return amount.nanoUsd > 0 || amount.tokens > 0;
}

/** Ends what older legs left open in the ledger, and writes every charge into the log that no event tells of. */
export async function recoverCharges(store: RunStore, recorder: Recorder): Promise<void> {
  const { ledger } = store;
  const { runId } = recorder.lease;
  await ledger.sweep(recorder.lease);
  const charges = (await ledger.charges(runId)).filter(costs);
  if (charges.length === 0) return;
  const known = await knownCalls(store, runId);
  const untold = charges.filter(({ callId }) => !known.has(callId));
  if (untold.length === 0) return;
  await recorder.append(
    ...untold.map(({ callId, amount, basis }) => ({
      type: 'charge.recovered' as const,
      callId,
      costNanoUsd: amount.nanoUsd,
      tokens: amount.tokens,
      basis,
    })),
  );
}
