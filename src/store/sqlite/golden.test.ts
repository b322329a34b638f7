/** A store of every version that was ever released can be opened, migrated and read. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../core/event.ts';
import type { Freeze } from '../../core/freeze.ts';
import type { Balance, Charge } from '../../ports/ledger.ts';
import type { RunSummary, Signal } from '../../ports/store.ts';
import { openSqliteStore } from './index.ts';
import { SCHEMA_VERSION } from './schema.ts';

interface Expected {
  readonly runs: readonly RunSummary[];
  readonly events: readonly RecordedEvent[];
  readonly signals: readonly Signal[];
  readonly blobs: Readonly<Record<string, string>>;
  readonly now: number;
  /** From version 2 on. */
  readonly balances?: readonly Balance[];
  readonly charges?: readonly Charge[];
  /** From version 3 on. */
  readonly freezes?: readonly Freeze[];
}

const golden = fileURLToPath(new URL('../../../test/golden/store/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'loopwright-golden-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const versions = Array.from({ length: SCHEMA_VERSION }, (_, index) => index + 1);

describe('golden stores', () => {
  it('exist for every version (scripts/golden-store.ts writes the newest)', () => {
    const files = readdirSync(golden).filter((name) => name.endsWith('.sqlite'));
    expect(files.sort()).toEqual(versions.map((version) => `v${version}.sqlite`).sort());
  });

  it.each(versions)('of version %i are opened, migrated, verified, read and written', async (version) => {
    const file = join(directory, `v${version}.sqlite`);
    copyFileSync(join(golden, `v${version}.sqlite`), file);
    const expected = JSON.parse(readFileSync(join(golden, `v${version}.json`), 'utf8')) as Expected;
    expect(expected.events.length).toBeGreaterThanOrEqual(3);

    const store = await openSqliteStore({ file, now: () => expected.now });
    expect(await store.list()).toEqual(expected.runs);
    for (const { runId, lastSeq } of expected.runs) {
      expect(await store.verify(runId)).toEqual({ events: lastSeq, brokenAt: null });
    }
    expect(await store.read('01golden')).toEqual(expected.events);
    for (const [hash, text] of Object.entries(expected.blobs)) {
      expect(Buffer.from(await store.getBlob(hash)).toString()).toBe(text);
    }
    const { balances = [], charges = [] } = expected;
    expect([balances.length, charges.length]).toEqual(version < 2 ? [0, 0] : [2, 3]);
    expect(await store.ledger.balances(balances.map(({ scope }) => scope))).toEqual(balances);
    expect(await store.ledger.charges('01golden')).toEqual(charges);
    const { freezes = [] } = expected;
    expect(freezes.length).toBe(version < 3 ? 0 : 1);
    expect(await store.freezes.list()).toEqual(freezes);
    const lease = await store.claim('01golden', 'ann', 1_000);
    expect(await store.takeSignals(lease)).toEqual(expected.signals);
    await store.append(lease, [{ event: { type: 'stop.requested', by: 'later' }, at: expected.now, activeMs: 30 }]);
    expect((await store.verify('01golden')).brokenAt).toBe(null);
    const scopes = [{ kind: 'day', key: 'day:2026-01-01', nanoUsd: 1_000_000_000, tokens: 1_000 }] as const;
    const request = { callId: 'later', lease, scopes, amount: { nanoUsd: 1, tokens: 1 }, holdMs: 1_000 };
    expect(await store.ledger.hold(request)).toEqual({ kind: 'held' });
    // The newer epoch: what was lost before, told once, and what was under way.
    expect((await store.ledger.sweep(lease)).map(({ callId }) => callId)).toEqual(
      version < 2 ? [] : ['lost', 'under way'],
    );
    await store.close();

    const database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: SCHEMA_VERSION });
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });
});
