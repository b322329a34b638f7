import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policy } from '../../test/fixtures/world.ts';
import { CONTENT_DETECTOR_IDS } from '../core/content-detectors.ts';
import type { ContentSighting } from '../core/content-detectors.ts';
import { ACTION_DETECTORS } from '../core/policy.ts';
import type { DetectorAction, DetectorSettings } from '../core/policy.ts';
import type { ChangeContent, ContentReaderPlugin } from '../ports/content.ts';
import { CONTENT_READERS, contentReader } from './registry.ts';

const NOTHING: ChangeContent = {
  files: [],
  base: {
    paths: () => Promise.resolve([]),
    read: () => Promise.resolve(null),
    readAll: () => Promise.resolve(new Map()),
    mentions: () => Promise.resolve(new Map()),
  },
  head: {
    paths: () => Promise.resolve([]),
    read: () => Promise.resolve(null),
    readAll: () => Promise.resolve(new Map()),
    mentions: () => Promise.resolve(new Map()),
  },
};

const SEEN: ContentSighting = { detector: 'merge-leftovers', path: 'a', side: 'added', line: 1, message: 'seen' };

function under(action: DetectorAction): { readonly detectors: DetectorSettings } {
  const { detectors } = policy();
  const actions = Object.fromEntries(ACTION_DETECTORS.map((id) => [id, action])) as DetectorSettings['actions'] &
    object;
  return { detectors: { ...detectors, actions } };
}

function plugin(read: () => Promise<readonly ContentSighting[]>): ContentReaderPlugin {
  return { id: 'test', detectors: ['merge-leftovers'], load: () => Promise.resolve(read) };
}

describe('readers of what changed files hold', () => {
  it('have a folder each, and every detector has a reader', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(CONTENT_READERS.map(({ id }) => id).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
    const served = new Set(CONTENT_READERS.flatMap(({ detectors }) => detectors));
    // Migrations have a reader in a room of their own.
    const unserved = CONTENT_DETECTOR_IDS.filter((id) => !served.has(id));
    expect(unserved).toEqual(['migration-destructive', 'migration-locks', 'migration-history']);
  });

  it('all load and have nothing to say of nothing', async () => {
    expect(await (await contentReader(under('hold')))(NOTHING)).toEqual([]);
  });

  it('are not even loaded where none of their detectors is on', async () => {
    let loaded = 0;
    const counting = {
      ...plugin(() => Promise.resolve([SEEN])),
      load: () => Promise.reject(new Error(`${(loaded += 1)}`)),
    };
    expect(await (await contentReader(under('off'), [counting]))(NOTHING)).toEqual([]);
    expect(loaded).toBe(0);
  });

  it('say what they saw', async () => {
    expect(await (await contentReader(under('note'), [plugin(() => Promise.resolve([SEEN]))]))(NOTHING)).toEqual([
      SEEN,
    ]);
  });

  it('take the run down when they crash: that is no "all clear"', async () => {
    const read = await contentReader(under('note'), [plugin(() => Promise.reject(new Error('crashed')))]);
    await expect(read(NOTHING)).rejects.toThrow('crashed');
  });
});
