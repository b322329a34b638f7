import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAtHost } from '../host-view.ts';
import { SYNTHETIC } from '../inside.ts';
import { skeletonIn, skeletonName } from './skeleton.ts';
import { unusedAmong, unusedSkeletons } from './unused.ts';

const BOOT = 'b1';
const NAMES = ['etc-b0-1', 'etc-b1-1', 'etc-b1-2', 'begun-1', 'other', '.new-1'];

describe('directories of /etc that nobody needs', () => {
  it.each([
    ['without a run, all but the one for what the host has now', false, ['etc-b0-1', 'etc-b1-1', 'begun-1']],
    ['while a run is going on, none that it may be shown', true, ['etc-b0-1', 'begun-1']],
  ])('are, %s', (_, isBusy, expected) => {
    expect(unusedAmong(NAMES, { current: 'etc-b1-2', boot: BOOT, isBusy })).toEqual(expected);
  });

  it('are those that nobody asked for lately, directories, and never the one in use, however old', () => {
    const directory = mkdtempSync(join(tmpdir(), 'loopwright-unused-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const source = { parts: lookAtHost(process.env).system, files: SYNTHETIC };
    const [inUse, left] = [skeletonName(source) ?? '', skeletonName({ ...source, files: [] }) ?? ''];
    expect([inUse, left]).toEqual([expect.stringMatching(/^etc-/u), expect.stringMatching(/^etc-/u)]);
    for (const name of [inUse, left, 'begun-left']) mkdirSync(join(directory, name, 'etc'), { recursive: true });
    writeFileSync(join(directory, 'etc-a-file'), '');
    symlinkSync(tmpdir(), join(directory, 'etc-a-link'));
    const asked = (before: number): readonly string[] =>
      unusedSkeletons({ directory, hostEnvironment: process.env, isBusy: false, before });
    const day = 86_400_000;
    for (const name of [inUse, left, 'begun-left']) utimesSync(join(directory, name), 1, 1);
    expect(new Set(asked(day))).toEqual(new Set([left, 'begun-left']));
    // Asked for once more: it is needed again.
    const kept = { directory, mark: { name: '.mark', text: 'x' } };
    expect(skeletonIn(kept, { ...source, files: [] })).toBe(join(directory, left, 'etc'));
    expect(asked(day)).toEqual(['begun-left']);
  });

  it('are none where nothing was ever kept', () => {
    const directory = join(tmpdir(), 'loopwright-no-such-directory');
    expect(unusedSkeletons({ directory, hostEnvironment: {}, isBusy: false, before: Infinity })).toEqual([]);
  });
});
