import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENTS } from '../../test/fixtures/runs.ts';
import type { CheckResult } from '../core/check.ts';
import { foldRun } from '../core/evolve.ts';
import type { Iteration, RunState } from '../core/state.ts';
import { whyOf } from './why.ts';

interface Written {
  /** null where the payload is gone. */
  readonly diff: string | null;
  readonly failing?: readonly string[];
  readonly missing?: readonly string[];
}

const BASE = foldRun(EVENTS['accepted']);

function result(failing: readonly string[], missing: readonly string[] = []): CheckResult {
  const [unit] = BASE.baseline;
  if (unit === undefined) throw new Error('the run has a check on its base');
  return { ...unit, checkId: 'unit', failing, missing, newlySkipped: [] };
}

/** A run whose iterations left these diffs against the base. Each diff is its own payload. */
function stateOf(written: readonly Written[], redOnBase: readonly string[] = []): RunState {
  const [model] = BASE.iterations;
  if (model?.change == null) throw new Error('the run has a change');
  const change = model.change;
  const iterations = written.map(({ diff, failing, missing }, at): Iteration => ({
    ...model,
    number: at + 1,
    change: { ...change, iteration: at + 1, diff: diff ?? 'gone' },
    checks: failing === undefined ? [] : [result(failing, missing)],
  }));
  return { ...BASE, baseline: [result(redOnBase)], iterations };
}

const text = (hash: string): string | null => (hash === 'gone' ? null : hash);

function file(name: string, ...hunks: readonly string[]): string {
  return [`diff --git a/${name} b/${name}`, 'index 1..2 100644', `--- a/${name}`, `+++ b/${name}`, ...hunks].join('\n');
}

const FIRST = '@@ -2,3 +2,3 @@ function a() {\n one\n-two\n+TWO\n three';
const SECOND = '@@ -20,2 +20,3 @@\n twenty\n+and a half\n last';

describe('why a part is there', () => {
  test('names the iteration that wrote each hunk, although the later hunk moved the lines', () => {
    const before = '@@ -1 +1,2 @@\n+zero\n one';
    const state = stateOf([
      { diff: file('a.js', FIRST), failing: ['x', 'y'] },
      { diff: file('a.js', before, FIRST.replace('+2,3', '+3,3')), failing: ['y'] },
      { diff: file('a.js', before, FIRST.replace('+2,3', '+3,3'), SECOND), failing: [] },
    ]);
    expect(whyOf(state, 3, text)?.hunks).toEqual([
      { path: 'a.js', head: '@@ -1 +1,2 @@', addedLines: 1, removedLines: 0, iteration: 2, from: [2] },
      {
        path: 'a.js',
        head: '@@ -2,3 +3,3 @@ function a() {',
        addedLines: 1,
        removedLines: 1,
        iteration: 1,
        from: [1],
      },
      { path: 'a.js', head: '@@ -20,2 +20,3 @@', addedLines: 1, removedLines: 0, iteration: 3, from: [3] },
    ]);
  });

  test('says what turned green and red in those iterations, against the judged one before', () => {
    const state = stateOf(
      [
        { diff: file('a.js', FIRST), failing: ['y', 'z'] },
        { diff: file('a.js', FIRST) },
        { diff: file('a.js', FIRST, SECOND), failing: ['z'], missing: [] },
      ],
      ['x', 'y'],
    );
    expect(whyOf(state, 3, text)?.turned).toEqual([
      { iteration: 1, checks: [{ checkId: 'unit', green: ['x'], red: ['z'] }] },
      { iteration: 3, checks: [{ checkId: 'unit', green: ['y'], red: [] }] },
    ]);
    expect(whyOf(state, 2, text)?.turned).toHaveLength(1);
  });

  test('does not call a test green that is gone, and says where no check ran', () => {
    const gone = stateOf([{ diff: file('a.js', FIRST), failing: [], missing: ['x'] }], ['x']);
    expect(whyOf(gone, 1, text)?.turned).toEqual([{ iteration: 1, checks: [] }]);
    const unchecked = stateOf([{ diff: file('a.js', FIRST) }], ['x']);
    expect(whyOf(unchecked, 1, text)?.turned).toEqual([{ iteration: 1, checks: null }]);
  });

  test('counts what was taken back and made again for the iteration that made it again', () => {
    const state = stateOf([{ diff: file('a.js', FIRST) }, { diff: '' }, { diff: file('a.js', FIRST) }]);
    expect(whyOf(state, 3, text)?.hunks).toMatchObject([{ iteration: 3, from: [3] }]);
  });

  test('names both iterations where one changed what the other had written', () => {
    const state = stateOf([
      { diff: file('a.js', FIRST) },
      { diff: file('a.js', FIRST.replace('+TWO', '+TWO\n+more')) },
      { diff: file('a.js', FIRST.replace('+TWO', '+2')) },
    ]);
    expect(whyOf(state, 2, text)?.hunks).toMatchObject([{ iteration: 2, from: [1, 2] }]);
    expect(whyOf(state, 3, text)?.hunks).toMatchObject([{ iteration: 3, from: [1, 3] }]);
  });

  test('traces what has no lines by its headers', () => {
    const moved = 'diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b';
    const binary = 'diff --git a/i.png b/i.png\nindex 1..2\nBinary files a/i.png and b/i.png differ';
    const state = stateOf([{ diff: moved }, { diff: `${moved}\n${binary}` }]);
    expect(whyOf(state, 2, text)?.hunks).toMatchObject([
      { path: 'b', head: null, iteration: 1 },
      { head: null, iteration: 2 },
    ]);
  });

  test('says which diffs are gone, and is silent where its own is', () => {
    const state = stateOf([{ diff: null }, { diff: file('a.js', FIRST) }, { diff: null }]);
    expect(whyOf(state, 2, text)).toMatchObject({ unread: [1], hunks: [{ iteration: 2 }] });
    expect(whyOf(state, 3, text)).toBeNull();
    expect(whyOf(state, 9, text)).toBeNull();
  });

  test('keeps the marker of an open last line out of the count', () => {
    const open = '@@ -1,2 +1,3 @@\n-one\n\\ No newline at end of file\n+one\n two\n+three';
    const closed = '@@ -1,2 +1,3 @@\n-one\n+one\n two\n+three';
    const state = stateOf([{ diff: file('a', open) }, { diff: file('a', closed) }]);
    expect(whyOf(state, 2, text)?.hunks).toMatchObject([{ from: [1] }]);
  });

  /** What each iteration has in place of each line of the base; a line that is not named is as it was. */
  const contents = fc.array(
    fc.dictionary(fc.integer({ min: 1, max: 9 }).map(String), fc.constantFrom('a', 'b', 'c'), { maxKeys: 5 }),
    { minLength: 1, maxLength: 6 },
  );

  test('agrees with a slow reading of the same history, line by line', () => {
    fc.assert(
      fc.property(contents, (history) => {
        const diffs = history.map((lines) => {
          const numbers = Object.keys(lines)
            .map(Number)
            .toSorted((a, b) => a - b);
          const hunks = numbers.map((at) => `@@ -${at} +${at} @@\n-old ${at}\n+${lines[String(at)]}`);
          return hunks.length === 0 ? '' : file('f', ...hunks);
        });
        const why = whyOf(stateOf(diffs.map((diff) => ({ diff }))), history.length, text);
        const since = (holds: (lines: Readonly<Record<string, string>>) => boolean): number =>
          history.findLastIndex((lines) => !holds(lines)) + 2;
        const last = history.at(-1) ?? {};
        for (const hunk of why?.hunks ?? []) {
          const at = /-(\d+)/.exec(hunk.head ?? '')?.[1] ?? '';
          const expected = [since((lines) => at in lines), since((lines) => lines[at] === last[at])];
          expect(hunk.from).toEqual([...new Set(expected)].toSorted((a, b) => a - b));
        }
        expect(why?.hunks).toHaveLength(Object.keys(last).length);
      }),
    );
  });
});
