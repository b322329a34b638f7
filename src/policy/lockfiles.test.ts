/** The one list of lockfiles, and everybody who has something to say of one. */
import { describe, expect, it } from 'vitest';
import { fileKind } from '../core/landing/file-kind.ts';
import { isLockfile, LOCKFILE_NAMES } from '../core/lockfiles.ts';
import { compileGlobs, readPath } from './globs.ts';
import { DEFAULT_ZONES } from './risk-zones.ts';

const zone = DEFAULT_ZONES.find(({ name }) => name === 'dependencies');
const isInZone = compileGlobs(zone?.paths ?? [], 'folded');

describe('a lockfile', () => {
  it.each([...LOCKFILE_NAMES, 'compileClasspath.lockfile'])('%s is one by its name, its kind and its risk', (name) => {
    expect(isLockfile(name)).toBe(true);
    for (const path of [name, `web/${name}`]) {
      expect(fileKind(path)).toBe('lockfile');
      expect(isInZone(readPath(path))).toBe(true);
    }
  });

  it('is none that only looks so', () => {
    for (const name of ['package-lock.json5', 'yarn.lock.ts', 'locks.ts', 'go.summary', 'deadlock.md']) {
      expect(isLockfile(name)).toBe(false);
      expect(isInZone(readPath(`src/${name}`))).toBe(false);
    }
  });
});
