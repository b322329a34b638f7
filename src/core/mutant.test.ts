import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMutant, languageOf, mutantsOf, spread } from './mutant.ts';

const ALL = new Set(Array.from({ length: 50 }, (_, index) => index + 1));

const mutated = (text: string, language: 'c' | 'hash' = 'c'): readonly string[] =>
  mutantsOf(text, ALL, language).map((mutant) => applyMutant(text, mutant));

describe('faults for a line', () => {
  it.each([
    ['a === b', 'a !== b'],
    ['a != b', 'a == b'],
    ['a < b', 'a >= b'],
    ['a && b', 'a || b'],
    ['a + b', 'a - b'],
    ['a * (b)', 'a / (b)'],
    ['x = true', 'x = false'],
    ['f(10)', 'f(11)'],
    ['  save(user);', '  ;'],
    ['  this.total = total;', '  ;'],
  ])('%s: %s', (text, expected) => {
    expect(mutated(text)).toContain(expected);
  });

  it.each([
    ['a and b', 'a or b'],
    ['    return True', '    return False'],
    ['    self.save(user)', '    pass'],
    ['    self.total = total', '    pass'],
  ])('in a language with words: %s: %s', (text, expected) => {
    expect(mutated(text, 'hash')).toContain(expected);
  });

  it.each<[string, 'c' | 'hash']>([
    ['// a + b', 'c'],
    ['/* a\n && b */', 'c'],
    ['"1 + 1"', 'c'],
    ["'a && b'", 'c'],
    ['`${a} && true`', 'c'],
    ['"an \\" and 1"', 'c'],
    ['# a and 1', 'hash'],
    ['"""\na and 1\n"""', 'hash'],
    ['const f = (a: Array<string>) => a', 'c'],
    ['if (a) {', 'c'],
    ['return f(a);', 'c'],
    ['v1.x', 'c'],
  ])('are none in %j', (text, language) => {
    expect(mutated(text, language)).toEqual([]);
  });

  it('are only for the lines that were asked for', () => {
    const found = mutantsOf('a && b\na || b\na && b', new Set([2]), 'c');
    expect(found.map(({ line, words }) => [line, words])).toEqual([[2, '`||` became `&&`']]);
  });

  it('change the text, in that line alone, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1 +-<>=!&|;()."\'`\n/#*'.split('')) }), (text) => {
        for (const mutant of mutantsOf(text, ALL, 'c')) {
          const [before, after] = [text.split('\n'), applyMutant(text, mutant).split('\n')];
          const differing = after.flatMap((line, index) => (line === before[index] ? [] : [index + 1]));
          expect([after.length, differing]).toEqual([before.length, [mutant.line]]);
        }
      }),
    );
  });

  it('are for languages by the ending of a file', () => {
    const endings = ['a.ts', 'a.d.ts', 'b/c.PY', 'Makefile', 'a.md', 'a.json'];
    expect(endings.map(languageOf)).toEqual(['c', null, 'hash', null, null, null]);
  });

  it('are spread over all of them', () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([2, 5, 8]);
    expect(spread([1], 3)).toEqual([1]);
  });
});
