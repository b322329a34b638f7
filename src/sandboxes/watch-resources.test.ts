import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_RESOURCES } from '../core/resource.ts';
import { countDeleted, takeDiskCensus, trackedTree } from './disk-census.ts';
import { kernelLimits } from './kernel-limits.ts';
import { descendants } from './tree-census.ts';

function directoryWith(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-census-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), 'x'.repeat(5_000));
  }
  return root;
}

function entry(pid: number, parent: number, ended = false): Parameters<typeof descendants>[0][number] {
  return { pid, parent, group: pid, session: pid, ended, runnable: false, cpuTicks: 0 };
}

describe('a census of processes', () => {
  it('counts the first and what descends from it, and no zombie', () => {
    const all = [entry(1, 0), entry(10, 1), entry(11, 10), entry(12, 11), entry(13, 10, true), entry(20, 1)];
    expect(descendants(all, 10)).toEqual([10, 11, 12]);
  });
});

describe('a census of a tree of files', () => {
  it('counts what files take and how many entries there are, and goes through no link', async () => {
    const root = directoryWith(['a/b', 'a/c', 'd']);
    symlinkSync('/usr', join(root, 'link'));
    const { bytes, files } = await takeDiskCensus([root, join(root, 'absent')], Infinity);
    expect(files).toBe(5);
    expect(bytes).toBeGreaterThanOrEqual(15_000);
    expect((await takeDiskCensus([root], 2)).files).toBeLessThanOrEqual(5);
  });

  it('counts what lies under names that are no text', async () => {
    const root = directoryWith([]);
    const odd = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/'), Buffer.from([0xc3, 0x28])]), 'x'.repeat(5_000));
    writeFileSync(join(root, 'ünicode'), 'x'.repeat(5_000));
    const { bytes, files } = await takeDiskCensus([root], Infinity);
    expect(files).toBe(3);
    expect(bytes).toBeGreaterThanOrEqual(10_000);
  });

  it('lets others have their turn while it counts', async () => {
    const root = directoryWith(Array.from({ length: 40 }, (_, index) => `d${index}/f`));
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 0);
    onTestFinished(() => clearInterval(ticking));
    // Long enough for many slices, however fast the machine.
    await takeDiskCensus(
      Array.from({ length: 150 }, () => root),
      Infinity,
    );
    expect(turns).toBeGreaterThan(0);
  });

  it('finds exactly the tracked files that are gone', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const file = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}.txt`);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(file, fc.boolean()), { selector: ([path]) => path, maxLength: 12 }),
        async (given) => {
          const kept = given.filter(([, there]) => there).map(([path]) => path);
          const root = directoryWith(kept);
          const tracked = trackedTree(given.map(([path]) => path));
          expect(tracked.count).toBe(given.length);
          expect(await countDeleted(tracked, root, root)).toBe(given.length - kept.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes a link in the place of a directory for the end of all that was in it', async () => {
    const root = directoryWith(['real/one', 'real/two']);
    symlinkSync('real', join(root, 'src'));
    expect(await countDeleted(trackedTree(['src/one', 'src/two', 'real/one']), root, root)).toBe(2);
  });
});

describe('limits of the kernel', () => {
  it('are commands of the shell, and none where there is no ceiling', () => {
    const text = kernelLimits({
      ...DEFAULT_RESOURCES,
      memoryBytes: 2_048,
      openFiles: 64,
      fileBytes: 1_024,
      cpuTimeMs: 1_500,
    });
    for (const part of ['ulimit -d 2;', 'ulimit -n 64;', 'ulimit -f 2;', 'ulimit -t 2;', 'ulimit -H -u 8000'])
      expect(text).toContain(part);
    const none = Object.fromEntries(
      Object.keys(DEFAULT_RESOURCES).map((key) => [key, 'unlimited']),
    ) as typeof DEFAULT_RESOURCES;
    expect(kernelLimits(none)).toBe('');
  });
});
