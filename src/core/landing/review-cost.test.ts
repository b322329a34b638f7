import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedFile } from '../change.ts';
import { LINES_AN_HOUR, minutesOf, reviewMinutes } from './review-cost.ts';

function file(path: string, addedLines: number | null, removedLines: number | null = 0): ChangedFile {
  return {
    path,
    kind: 'modified',
    oldMode: '100644',
    newMode: '100644',
    addedLines,
    removedLines,
    protected: false,
    inScope: true,
    zones: [],
  };
}

function change(files: readonly ChangedFile[], fileCount = files.length): Parameters<typeof reviewMinutes>[0] {
  const sum = (side: 'addedLines' | 'removedLines'): number => files.reduce((all, one) => all + (one[side] ?? 0), 0);
  return { files, fileCount, addedLines: sum('addedLines'), removedLines: sum('removedLines') };
}

describe('the cost of a review', () => {
  it('is an hour for what the study says is read in an hour, and the time to open the file', () => {
    expect(minutesOf(file('src/a.ts', LINES_AN_HOUR))).toBe(60.5);
    expect(reviewMinutes(change([]))).toBe(0);
    expect(reviewMinutes(change([file('logo.png', null, null)]))).toBe(1);
  });

  it('is less for tests, and next to nothing for what a tool wrote', () => {
    const [source, test, lock] = ['src/a.ts', 'src/a.test.ts', 'package-lock.json'].map((path) =>
      minutesOf(file(path, 1_000)),
    );
    expect(test).toBeLessThan((source ?? 0) * 0.6);
    expect(lock).toBeLessThan((source ?? 0) * 0.05);
    expect(minutesOf(file('src/a.ts', 0, 100))).toBeLessThan(minutesOf(file('src/a.ts', 100, 0)));
  });

  it('counts what the list of files leaves out as source', () => {
    const listed = change([file('src/a.ts', 10)]);
    expect(reviewMinutes({ ...listed, fileCount: 3, addedLines: 410 })).toBe(Math.ceil(0.5 + 1.5 + 1 + 60));
  });

  it('never falls when a change grows', () => {
    const files = fc.array(
      fc.record({ path: fc.constantFrom('a.ts', 'a.test.ts', 'yarn.lock', 'a.md'), lines: fc.nat(5_000) }),
    );
    fc.assert(
      fc.property(files, fc.constantFrom('b.ts', 'go.sum'), fc.nat(2_000), (some, path, lines) => {
        const before = some.map((one) => file(one.path, one.lines));
        expect(reviewMinutes(change([...before, file(path, lines)]))).toBeGreaterThanOrEqual(
          reviewMinutes(change(before)),
        );
      }),
    );
  });
});
