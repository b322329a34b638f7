import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { result } from '../../test/fixtures/world.ts';
import { objections } from './judge.ts';
import { changedLines, coverageOfChange, measuredWords, mostLenient, ratchetObjection } from './measure.ts';
import type { Measured } from './measure.ts';

const measured = (value: number, patch: Partial<Measured> = {}): ReturnType<typeof result> =>
  result('success', { report: 'number', tests: null, measured: { value, unit: 'kB', ...patch } });

const covered = (value: number, changed?: { covered: number; total: number }): ReturnType<typeof result> =>
  measured(value, { unit: '%', ratchet: 'higher', ...(changed === undefined ? {} : { changedLines: changed }) });

describe('a number that may only move one way', () => {
  it.each([
    ['lower', 10, 10, true],
    ['lower', 10, 9, true],
    ['lower', 10, 10.01, false],
    ['higher', 10, 10, true],
    ['higher', 10, 11, true],
    ['higher', 10, 9.99, false],
  ] as const)('%s: from %d to %d', (ratchet, before, after, passes) => {
    expect(objections('may-pass', measured(before), measured(after, { ratchet })).length === 0).toBe(passes);
  });

  it('decides nothing where the policy does not say which way', () => {
    expect(ratchetObjection(measured(1), measured(1_000))).toBeNull();
  });

  it('cannot be compared with another unit, or with nothing', () => {
    const head = measured(1, { ratchet: 'lower' });
    expect(ratchetObjection(measured(2, { unit: 'MB' }), head)).toContain('another unit');
    expect(ratchetObjection(result('success'), head)).toContain('nothing was measured');
    expect(ratchetObjection(undefined, head)).toContain('nothing was measured');
  });

  it.each([
    ['as much as the whole base', 80, { covered: 4, total: 5 }, true],
    ['less than the whole base', 80, { covered: 3, total: 4 }, false],
    ['no line that can be covered', 80, { covered: 0, total: 0 }, true],
  ])('compares changed lines with the base: %s', (_what, base, lines, passes) => {
    expect(ratchetObjection(covered(base), covered(base, lines)) === null).toBe(passes);
  });

  it('does not let the whole go down where no changed line can be covered', () => {
    expect(ratchetObjection(covered(80), covered(79, { covered: 0, total: 0 }))).toContain('below the 80 %');
  });

  it('is held against a change only beyond everything the base showed', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, fc.constantFrom('lower' as const, 'higher' as const), (all, ratchet) => {
        const least = mostLenient(all.map((value) => ({ value, unit: '', ratchet })));
        expect(least?.value).toBe(ratchet === 'lower' ? Math.max(...all) : Math.min(...all));
      }),
    );
  });

  it('is shown with two places', () => {
    expect([measuredWords({ value: 84.166, unit: '%' }), measuredWords({ value: 3, unit: '' })]).toEqual([
      '84.17 %',
      '3',
    ]);
  });
});

const DIFF = `diff --git a/src/a.js b/src/a.js
index 1..2 100644
--- a/src/a.js
+++ b/src/a.js
@@ -1,3 +1,4 @@
 one
-two
+TWO
+++ b/not-a-file
 three
@@ -10 +11,0 @@
-ten
diff --git "a/\\303\\244 \\"b\\".js" "b/\\303\\244 \\"b\\".js"
new file mode 100644
--- /dev/null
+++ "b/\\303\\244 \\"b\\".js"
@@ -0,0 +1 @@
+x
\\ No newline at end of file
diff --git a/gone.js b/gone.js
--- a/gone.js
+++ /dev/null
@@ -1 +0,0 @@
-x
`;

describe('changed lines', () => {
  it('are the added ones, whatever they look like', () => {
    const lines = [...changedLines(DIFF)].map(([path, numbers]) => [path, [...numbers]]);
    expect(lines).toEqual([
      ['src/a.js', [2, 3]],
      ['ä "b".js', [1]],
    ]);
  });

  it('are counted under whatever name the report gives the file', () => {
    const lines = new Map([
      [1, true],
      [2, false],
    ]);
    const changed = new Map([['src/a.js', new Set([1, 2, 3])]]);
    const seen = ['src/a.js', '/workspace/src/a.js', 'a.js'].map((name) =>
      coverageOfChange(new Map([[name, lines]]), changed),
    );
    expect(new Set(seen.map(({ covered: hit, total }) => `${hit} of ${total}`))).toEqual(new Set(['1 of 2']));
    expect(coverageOfChange(new Map([['src/ba.js', lines]]), changed)).toEqual({ covered: 0, total: 0 });
  });
});
