/**
 * A process with a SQLite store of its own, driven by one JSON object per line: `{ call, args }`. Answers with
 * `{ value }` or `{ error, message }` per line, after `{ value: 'open' }`. Written to be killed at any instant.
 *
 *     node test/process/store-worker.ts FILE
 */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isLoopwrightError } from '../../src/core/errors.ts';
import type { Scope } from '../../src/ports/ledger.ts';
import type { Append, Lease, RunStore } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';

interface Call {
  readonly call: string;
  readonly args: readonly never[];
}

/** Resolves when the kernel has the line: an answer that was given is seen even if the next instant is the last one. */
function say(line: object): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${JSON.stringify(line)}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

/** Three events that must arrive together, the last one naming a blob that must be there. */
async function batch(store: RunStore, iteration: number): Promise<readonly Append[]> {
  const prompt = await store.putBlob(Buffer.from(`prompt ${process.pid} ${iteration} `.repeat(50)));
  return [
    { event: { type: 'workspace.requested' }, at: iteration, activeMs: iteration },
    { event: { type: 'change.requested', iteration }, at: iteration, activeMs: iteration },
    { event: { type: 'turn.requested', iteration, prompt }, at: iteration, activeMs: iteration },
  ];
}

/** Appends batches and reports the newest sequence number after each; null means until killed. */
async function hammer(store: RunStore, lease: Lease, count: number | null): Promise<string> {
  const last = count ?? Number.MAX_SAFE_INTEGER;
  for (let iteration = 1; iteration <= last; iteration += 1) {
    const events = await store.append(lease, await batch(store, iteration));
    await say({ acknowledged: events.at(-1)?.seq });
  }
  return 'done';
}

interface Spending {
  readonly lease: Lease;
  readonly scopes: readonly Scope[];
  /** Most that one call may use. */
  readonly nanoUsd: number;
}

/**
 * Holds and settles calls until no scope has room, and says the number of calls it has begun twice for each: once it is
 * held, and once it is settled. A call uses about half of what it held. Says `waiting` when it first is refused while
 * others hold what is left: if they are dead, it will not speak again before somebody sweeps after them.
 */
async function spend(store: RunStore, { lease, scopes, nanoUsd }: Spending): Promise<string> {
  let waits = false;
  for (let call = 1; ; call += 1) {
    const callId = `${lease.runId}/${call}`;
    const amount = { nanoUsd: 1 + Math.floor(Math.random() * nanoUsd), tokens: 1 };
    const answer = await store.ledger.hold({ callId, lease, scopes, amount, holdMs: 60_000 });
    if (answer.kind === 'refused') {
      if (answer.balance.held.nanoUsd === 0) return 'done';
      if (!waits) await say({ waiting: true });
      waits = true;
      await pause(10);
      continue;
    }
    await say({ acknowledged: call });
    const used = { nanoUsd: Math.ceil(amount.nanoUsd / 2), tokens: 1 };
    await store.ledger.settle({ callId, lease, amount: used, basis: 'metered' });
    await say({ acknowledged: call });
  }
}

async function answer(store: RunStore, { call, args }: Call): Promise<unknown> {
  const { ledger, freezes: _, ...log } = store;
  const actions = {
    ...log,
    ...ledger,
    hammer: (lease: Lease, count: number | null) => hammer(store, lease, count),
    spend: (spending: Spending) => spend(store, spending),
  };
  const action = Object.entries(actions).find(([name]) => name === call)?.[1];
  if (action === undefined) throw new TypeError(`no such call: ${call}`);
  return Reflect.apply(action, undefined, args);
}

async function main(file: string): Promise<void> {
  try {
    // Patient: SQLite's waiting is unfair, and these processes leave no pause between their transactions.
    const store = await openSqliteStore({ file, now: () => Date.now(), busyTimeoutMs: 30_000 });
    await say({ value: 'open' });
    for await (const line of createInterface({ input: process.stdin })) {
      try {
        await say({ value: (await answer(store, JSON.parse(line))) ?? null });
      } catch (error) {
        if (!isLoopwrightError(error)) throw error;
        await say({ error: error.code, message: error.message });
      }
    }
    await store.close();
  } catch (error) {
    if (!isLoopwrightError(error)) throw error;
    await say({ error: error.code, message: error.message });
  }
}

await main(process.argv[2] ?? '');
