/**
 * A process of the suite `reservations`: says "ready", waits for a line, then lets its callers make calls for a while and
 * says how many they made.
 *
 *     node bench/reservation-worker.ts ours|peers FILE RUN CALLERS MS
 */
import { once } from 'node:events';
import { setImmediate as tick } from 'node:timers/promises';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import { chainOf, openPeersBudget, PATIENCE_MS } from './reservations.ts';

const [way, file = '', runId = '', callers = '', duration = ''] = process.argv.slice(2);
const AMOUNT = { nanoUsd: 1_000, tokens: 10 };
const USED = { nanoUsd: 400, tokens: 4 };

interface Way {
  /** One call: what comes before it, the call, what comes after. */
  call(id: string): Promise<void>;
  close(): Promise<void>;
}

async function ours(): Promise<Way> {
  const store = await openSqliteStore({ file, now: () => Date.now(), busyTimeoutMs: PATIENCE_MS });
  const lease = await store.create(runId, '/repo', 'bench', 600_000);
  const scopes = chainOf(runId, Number.MAX_SAFE_INTEGER);
  return {
    async call(callId) {
      await store.ledger.hold({ callId, lease, scopes, amount: AMOUNT, holdMs: 600_000 });
      await tick();
      await store.ledger.settle({ callId, lease, amount: USED, basis: 'metered' });
    },
    close: () => store.close(),
  };
}

async function peers(): Promise<Way> {
  const budget = openPeersBudget(file);
  return {
    async call() {
      if (budget.spent('all') > Number.MAX_SAFE_INTEGER - 1) return;
      await tick();
      budget.add('all', USED.nanoUsd);
    },
    close: async () => budget.close(),
  };
}

const chosen = await (way === 'ours' ? ours() : peers());
console.log('ready');
await once(process.stdin, 'data');
const end = performance.now() + Number(duration);
let made = 0;
await Promise.all(
  Array.from({ length: Number(callers) }, async (_, caller) => {
    for (let count = 0; performance.now() < end; count += 1) {
      await chosen.call(`${runId}/${caller}/${count}`);
      made += 1;
    }
  }),
);
console.log(String(made));
await chosen.close();
process.stdin.destroy();
