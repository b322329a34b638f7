/** Many processes spend from one chain of scopes, and half of them are killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startStoreWorker } from '../../../test/process/store-client.ts';
import type { Answer, StoreWorker } from '../../../test/process/store-client.ts';
import type { Scope } from '../../ports/ledger.ts';
import type { RunStore } from '../../ports/store.ts';
import { openSqliteStore } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'loopwright-ledger-processes-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PROCESSES = 8;
/** Nano-dollars one call holds at most, and all of them together may. */
const CALL = 1_000;
const CEILING = 200_000;

const SHARED: readonly Scope[] = [
  { kind: 'class', key: 'class:1:/repo:fix', nanoUsd: CEILING, tokens: 'unlimited' },
  { kind: 'repository', key: 'repository:1:/repo', nanoUsd: CEILING + CALL, tokens: 'unlimited' },
  { kind: 'day', key: 'day:1', nanoUsd: 'unlimited', tokens: 'unlimited' },
];

function scopesOf(runId: string): readonly Scope[] {
  return [{ kind: 'run', key: `run:${runId}`, nanoUsd: CEILING, tokens: 'unlimited' }, ...SHARED];
}

async function started(file: string, store: RunStore): Promise<ReadonlyMap<string, StoreWorker>> {
  const workers = new Map<string, StoreWorker>();
  for (let index = 0; index < PROCESSES; index += 1) {
    const runId = `r${index}`;
    workers.set(runId, startStoreWorker(file));
    await store.create(runId, '/repo', `supervisor ${index}`, 60_000);
  }
  for (const worker of workers.values()) expect(await worker.next()).toEqual({ value: 'open' });
  return workers;
}

/** The calls the worker said it had held, by number of times it spoke of each: once held, twice settled. */
function spoken(answers: readonly (Answer | null)[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const answer of answers) {
    if (answer === null || !('acknowledged' in answer)) continue;
    times.set(answer.acknowledged, (times.get(answer.acknowledged) ?? 0) + 1);
  }
  return times;
}

/**
 * Kills it after a few calls, or when there is no money for more. What is left may be held by the other ones that die:
 * then it would wait for this test, which waits for it.
 */
async function killAfterSome(worker: StoreWorker): Promise<ReadonlyMap<number, number>> {
  const said: (Answer | null)[] = [];
  const wanted = 1 + Math.floor(Math.random() * 20);
  while (said.length < wanted) {
    const answer = await worker.next();
    said.push(answer);
    if (answer === null || !('acknowledged' in answer)) break;
  }
  return spoken([...said, ...(await worker.kill())]);
}

async function untilRefused(worker: StoreWorker): Promise<Answer | null> {
  for (;;) {
    const said = await worker.next();
    if (said === null || 'value' in said || 'error' in said) return said;
  }
}

describe('eight processes on one chain of scopes, four of them killed', () => {
  it('never pass a ceiling, and what the dead held ends as spent', async () => {
    const file = join(directory, 'store.sqlite');
    // Patient: SQLite's waiting is unfair, and the workers leave no pause between their transactions.
    const store = await openSqliteStore({ file, now: () => Date.now(), busyTimeoutMs: 30_000 });
    const workers = await started(file, store);
    const dead = [...workers].slice(0, PROCESSES / 2);
    const living = [...workers].slice(PROCESSES / 2);
    // Each of those that will die holds one call for sure when it does.
    for (const [runId, worker] of dead) {
      const amount = { nanoUsd: CALL, tokens: 1 };
      const lost = { callId: `${runId}/lost`, lease: { runId, epoch: 1 }, scopes: scopesOf(runId), amount };
      worker.call('hold', { ...lost, holdMs: 60_000 });
      expect(await worker.next()).toEqual({ value: { kind: 'held' } });
    }
    for (const [runId, worker] of workers) {
      worker.call('spend', { lease: { runId, epoch: 1 }, scopes: scopesOf(runId), nanoUsd: CALL });
    }
    const ends = living.map(([, worker]) => untilRefused(worker));
    const promised = await Promise.all(dead.map(([, worker]) => killAfterSome(worker)));

    for (const [index, [runId]] of dead.entries()) {
      const lease = await store.claim(runId, 'a new leg', 60_000, true);
      const swept = await store.ledger.sweep(lease);
      const charges = await store.ledger.charges(runId);
      for (const { amount, held } of swept) expect(amount).toEqual(held);
      expect(swept.map(({ callId }) => callId)).toContain(`${runId}/lost`);
      const bases = new Map(charges.map(({ callId, basis }) => [callId, basis]));
      for (const [call, times] of promised[index] ?? []) {
        // Held and never heard of again: lost at the kill, or settled in the instant before it could say so.
        const allowed = times === 2 ? ['metered'] : ['expired', 'metered'];
        expect(allowed).toContain(bases.get(`${runId}/${call}`));
      }
    }

    expect(promised.flatMap((calls) => [...calls]).length).toBeGreaterThan(0);

    // The living spend what is left, and stop by themselves when nothing is held and nothing fits.
    for (const end of await Promise.all(ends)) expect(end).toEqual({ value: 'done' });
    for (const [, worker] of living) await worker.end();
    const all = (await Promise.all([...workers.keys()].map((runId) => store.ledger.charges(runId)))).flat();
    const spent = all.reduce((sum, { amount }) => sum + amount.nanoUsd, 0);
    for (const { scope, spent: booked, held } of await store.ledger.balances(SHARED)) {
      expect([scope.key, booked, held]).toEqual([
        scope.key,
        { nanoUsd: spent, tokens: all.length },
        { nanoUsd: 0, tokens: 0 },
      ]);
    }
    expect(spent).toBeLessThanOrEqual(CEILING);
    expect(spent).toBeGreaterThan(CEILING - CALL);
    await store.close();
  });
});
