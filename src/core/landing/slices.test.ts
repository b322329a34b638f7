import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitChange } from './slices.ts';

function sized(path: string, addedLines = 100): { path: string; addedLines: number; removedLines: number } {
  return { path, addedLines, removedLines: 0 };
}

function namesOf(paths: readonly string[], limit: number): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    splitChange(
      paths.map((path) => sized(path)),
      limit,
    ).map(({ name, files }) => [name, files]),
  );
}

describe('a proposal how to split a change', () => {
  it('goes by directory, and keeps tests with what they test', () => {
    const paths = ['src/a/one.ts', 'src/a/one.test.ts', 'test/a/one.spec.ts', 'src/b/two.ts', 'tests/b/test_two.py'];
    expect(namesOf(paths, 40)).toEqual({
      'src/a': ['src/a/one.test.ts', 'src/a/one.ts', 'test/a/one.spec.ts'],
      'src/b': ['src/b/two.ts', 'tests/b/test_two.py'],
    });
  });

  it('keeps configuration alone, and with it the lockfile it caused', () => {
    const paths = ['package.json', 'package-lock.json', 'src/a.ts', 'src/__snapshots__/a.test.ts.snap'];
    expect(namesOf(paths, 100)).toEqual({
      configuration: ['package-lock.json', 'package.json'],
      src: ['src/__snapshots__/a.test.ts.snap', 'src/a.ts'],
    });
  });

  it('does not say of a part that it stands alone', () => {
    const flat = ['src/a.ts', 'src/b.ts', 'src/c.ts'].map((path) => sized(path, 200));
    const slices = splitChange(flat, 40);
    expect(slices.map(({ name }) => name)).toEqual(['src (1 of 3)', 'src (2 of 3)', 'src (3 of 3)']);
    for (const { notAlone } of slices)
      expect(notAlone).toEqual(['it is a part of one directory, whose files may need each other']);
  });

  it('says of tests without their source, of a lockfile without its manifest, and of what is too large, that it is so', () => {
    const slices = splitChange([sized('src/a.ts', 5_000), sized('e2e/flow.spec.ts'), sized('yarn.lock')], 60);
    const why = Object.fromEntries(slices.map(({ name, notAlone }) => [name, notAlone]));
    expect(why['src']).toEqual(['it is above 60 minutes and by path cannot be split further']);
    expect(why['e2e']).toEqual(['it is tests only, and what they test may be in another slice']);
    expect(why['made by tools']).toHaveLength(1);
  });

  it('puts every file into exactly one slice, and says of each slice above the limit that it is', () => {
    const folder = fc.constantFrom('src', 'lib', 'test', 'packages/a/src', 'packages/b/src', 'docs', '.github');
    const name = fc.constantFrom('a.ts', 'a.test.ts', 'b.ts', 'yarn.lock', 'package.json', 'c_test.go', 'x.snap');
    const path = fc.tuple(folder, name).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 30 }),
        fc.integer({ min: 1, max: 90 }),
        fc.nat(400),
        (paths, limit, lines) => {
          const slices = splitChange(
            paths.map((one) => sized(one, lines)),
            limit,
          );
          expect(slices.flatMap(({ files }) => files).toSorted()).toEqual(paths.toSorted());
          for (const { minutes, notAlone } of slices) if (minutes > limit) expect(notAlone.join()).toContain('above');
          expect(new Set(slices.map((one) => one.name)).size).toBe(slices.length);
        },
      ),
    );
  });
});
