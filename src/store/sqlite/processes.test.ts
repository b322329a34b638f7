/** Several processes on one file, and processes that die at any instant. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { startStoreWorker } from '../../../test/process/store-client.ts';
import type { Answer, StoreWorker } from '../../../test/process/store-client.ts';
import type { Lease, RunStore } from '../../ports/store.ts';
import { openSqliteStore } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'loopwright-processes-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KILLS = 12;
const EVENTS_PER_BATCH = 3;

function openHere(file: string): Promise<RunStore> {
  // Patient: SQLite's waiting is unfair, and the writers here leave no pause between their transactions.
  return openSqliteStore({ file, now: () => Date.now(), busyTimeoutMs: 30_000 });
}

async function openedWorkers(file: string, count: number): Promise<readonly StoreWorker[]> {
  const workers = Array.from({ length: count }, () => startStoreWorker(file));
  for (const worker of workers) expect(await worker.next()).toEqual({ value: 'open' });
  return workers;
}

function newestAcknowledged(answers: readonly (Answer | null)[]): number {
  return Math.max(
    0,
    ...answers.map((answer) => (answer !== null && 'acknowledged' in answer ? answer.acknowledged : 0)),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Lets a fresh process append to the run until it is killed; resolves with the newest place it was promised. */
async function appendUntilKilled(file: string, lease: Lease): Promise<number> {
  const [worker] = await openedWorkers(file, 1);
  if (worker === undefined) throw new TypeError('no worker');
  worker.call('hammer', lease, null);
  const acknowledged = [await worker.next()];
  const wanted = Math.floor(Math.random() * 20);
  while (acknowledged.length < wanted) acknowledged.push(await worker.next());
  // Not a wait for a state: the instant of the kill, anywhere within a few transactions.
  await pause(Math.random() * 10);
  return newestAcknowledged([...acknowledged, ...(await worker.kill())]);
}

async function expectWholeLog(store: RunStore, runId: string, promised: number): Promise<number> {
  const events = await store.read(runId);
  expect(await store.verify(runId)).toEqual({ events: events.length, brokenAt: null });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.length).toBeGreaterThanOrEqual(promised);
  // All of a batch or nothing of it.
  expect(events.length % EVENTS_PER_BATCH).toBe(0);
  const prompts = events.flatMap((event) => (event.type === 'turn.requested' ? [event.prompt] : []));
  expect(prompts.length).toBe(events.length / EVENTS_PER_BATCH);
  for (const prompt of prompts) expect((await store.getBlob(prompt)).length).toBeGreaterThan(0);
  return events.length;
}

describe('a writer that is killed with SIGKILL', () => {
  it(`leaves a whole log with everything it was promised, ${KILLS} times in a row`, async () => {
    const file = join(directory, 'killed.sqlite');
    const store = await openHere(file);
    await store.release(await store.create('r', '/repo', 'nobody', 1_000));
    let before = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const lease = await store.claim('r', `supervisor ${kill}`, 60_000, true);
      const promised = await appendUntilKilled(file, lease);
      expect(promised).toBeGreaterThan(before);
      before = await expectWholeLog(store, 'r', promised);
    }
    await store.close();
    const raw = new DatabaseSync(file);
    expect(raw.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    raw.close();
  });
});

describe('processes at once', () => {
  it('open and migrate a file that does not exist yet, and write to their own runs without an error', async () => {
    const file = join(directory, 'fresh', 'deep', 'store.sqlite');
    const workers = await openedWorkers(file, 4);
    for (const [index, worker] of workers.entries()) worker.call('create', `r${index}`, '/repo', 'ann', 60_000);
    const leases = await Promise.all(workers.map((worker) => worker.next()));
    for (const [index, worker] of workers.entries()) {
      expect(leases[index]).toEqual({ value: { runId: `r${index}`, epoch: 1 } });
      worker.call('hammer', { runId: `r${index}`, epoch: 1 }, 25);
    }
    for (const worker of workers) {
      const said = [];
      for (let count = 0; count < 26; count += 1) said.push(await worker.next());
      expect(newestAcknowledged(said)).toBe(25 * EVENTS_PER_BATCH);
      expect(said.at(-1)).toEqual({ value: 'done' });
      await worker.end();
    }
    const store = await openHere(file);
    for (const index of workers.keys()) expect(await expectWholeLog(store, `r${index}`, 75)).toBe(75);
    await store.close();
  });

  it('claim a run, and exactly one of them gets it', async () => {
    const file = join(directory, 'claims.sqlite');
    const store = await openHere(file);
    const [ann, bob] = await openedWorkers(file, 2);
    for (let round = 0; round < 20; round += 1) {
      const runId = `r${round}`;
      await store.release(await store.create(runId, '/repo', 'nobody', 1_000));
      ann?.call('claim', runId, 'ann', 60_000);
      bob?.call('claim', runId, 'bob', 60_000);
      const answers = [await ann?.next(), await bob?.next()];
      expect(answers).toContainEqual({ value: { runId, epoch: 2 } });
      expect(answers).toContainEqual({ error: 'LW_RUN_BUSY', message: expect.stringContaining('is driven by') });
    }
    await Promise.all([ann?.end(), bob?.end(), store.close()]);
  });

  it('fence the one that was overtaken: it is told so and has written nothing', async () => {
    const file = join(directory, 'fenced.sqlite');
    const store = await openHere(file);
    const [stale] = await openedWorkers(file, 1);
    stale?.call('create', 'r', '/repo', 'stale', 60_000);
    await stale?.next();
    stale?.call('hammer', { runId: 'r', epoch: 1 }, null);
    await stale?.next();
    const lease = await store.claim('r', 'ann', 60_000, true);
    const [mine] = await store.append(lease, [{ event: { type: 'stop.requested', by: 'ann' }, at: 0, activeMs: 0 }]);
    let last = await stale?.next();
    while (last && 'acknowledged' in last) {
      expect(last.acknowledged).toBeLessThan(mine?.seq ?? 0);
      last = await stale?.next();
    }
    expect(last).toEqual({ error: 'LW_STORE_FENCED', message: expect.stringContaining('the newest epoch is 2') });
    await stale?.end();
    expect((await store.read('r')).at(-1)).toEqual(mine);
    expect((await store.verify('r')).brokenAt).toBe(null);
    await store.close();
  });
});
