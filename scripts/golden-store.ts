/**
 * Writes the golden file of the current schema version: a database as this loopwright makes it, and what is in it.
 * Run once when a migration is added; files of older versions are the proof that logs of old runs stay readable, so
 * none is ever written again.
 *
 *     npx node scripts/golden-store.ts
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scope } from '../src/ports/ledger.ts';
import type { Append, RunStore } from '../src/ports/store.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import { SCHEMA_VERSION } from '../src/store/sqlite/schema.ts';

const folder = fileURLToPath(new URL('../test/golden/store/', import.meta.url));
const file = `${folder}v${SCHEMA_VERSION}.sqlite`;
const at = Date.UTC(2026, 0, 1);

const scopes: readonly Scope[] = [
  { kind: 'run', key: 'run:01golden', nanoUsd: 500_000_000, tokens: 1_000 },
  { kind: 'day', key: 'day:2026-01-01', nanoUsd: 'unlimited', tokens: 'unlimited' },
];

/** One call of every fate: settled, claimed to be more than it can have been, never settled, and still under way. */
async function fill(store: RunStore, clock: { time: number }): Promise<void> {
  const lease = await store.claim('01golden', 'ann', 10_000);
  const amount = { nanoUsd: 30_000_000, tokens: 100 };
  const hold = (callId: string, holdMs: number) => store.ledger.hold({ callId, lease, scopes, amount, holdMs });
  for (const callId of ['settled', 'capped', 'lost']) await hold(callId, 1_000);
  const used = { nanoUsd: 12_345_678, tokens: 42 };
  await store.ledger.settle({ callId: 'settled', lease, amount: used, basis: 'metered' });
  await store.ledger.settle({ callId: 'capped', lease, amount: { nanoUsd: 1e12, tokens: 1 }, basis: 'metered' });
  clock.time += 1_000;
  await hold('under way', 10_000);
}

async function write(): Promise<void> {
  const clock = { time: at };
  const store = await openSqliteStore({ file, now: () => clock.time });
  const lease = await store.create('01golden', '/home/ann/shop', 'ann', 10_000);
  const text = 'Make the sum right. '.repeat(40);
  const prompt = await store.putBlob(Buffer.from(text));
  const appends: readonly Append[] = [
    { event: { type: 'workspace.requested' }, at, activeMs: 0 },
    { event: { type: 'turn.requested', iteration: 1, prompt }, at: at + 10, activeMs: 10.5 },
    { event: { type: 'stop.requested', by: 'NUL \u0000, lone \uD800, \u{1F600}' }, at: at + 20, activeMs: 20 },
  ];
  await store.append(lease, appends.slice(0, 1));
  await store.append(lease, appends.slice(1));
  await store.signal('01golden', { kind: 'stop', by: 'bob' });
  await store.release(await store.create('01other', '/home/ann/other', 'ann', 10_000));
  await fill(store, clock);
  const frozen = { repository: '/home/ann/shop', reason: 'lone \uD800', by: 'ann', until: at + 3_600_000 };
  await store.freezes.add({ ...frozen, paths: ['infra/**'] });
  await store.freezes.thaw((await store.freezes.add({ ...frozen, repository: null, paths: ['**'] })).id, 'bob');
  const expected = {
    balances: await store.ledger.balances(scopes),
    charges: await store.ledger.charges('01golden'),
    runs: await store.list(),
    events: await store.read('01golden'),
    signals: [{ kind: 'stop', by: 'bob' }],
    blobs: { [prompt]: text },
    freezes: await store.freezes.list(),
    now: clock.time,
  };
  await store.close();
  writeFileSync(`${folder}v${SCHEMA_VERSION}.json`, `${JSON.stringify(expected, null, 2)}\n`);
}

if (existsSync(file)) {
  console.error(`${file} exists. Golden files are never written again: add a migration first.`);
  process.exitCode = 1;
} else {
  await write();
}
