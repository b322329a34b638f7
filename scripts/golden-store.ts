/**
 * Writes the golden file of the current schema version: a database as this loopwright makes it, and what is in it.
 * Run once when a migration is added; files of older versions are the proof that logs of old runs stay readable, so
 * none is ever written again.
 *
 *     npx node scripts/golden-store.ts
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Append } from '../src/ports/store.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import { SCHEMA_VERSION } from '../src/store/sqlite/schema.ts';

const folder = fileURLToPath(new URL('../test/golden/store/', import.meta.url));
const file = `${folder}v${SCHEMA_VERSION}.sqlite`;
const at = Date.UTC(2026, 0, 1);

async function write(): Promise<void> {
  const store = await openSqliteStore({ file, now: () => at });
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
  const expected = {
    runs: await store.list(),
    events: await store.read('01golden'),
    signals: [{ kind: 'stop', by: 'bob' }],
    blobs: { [prompt]: text },
    now: at,
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
