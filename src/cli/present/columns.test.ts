import { describe, expect, test } from 'vitest';
import { fit, pad, table, usableColumns, width, wrap } from './columns.ts';

describe('columns', () => {
  test('measure terminal cells, not characters', () => {
    expect([width('abc'), width('日本'), width('e\u0301'), width('👍')]).toEqual([3, 4, 1, 2]);
    expect(pad('日本', 6)).toBe('日本  ');
    expect(fit('日本語テキスト', 7)).toBe('日本語…');
    expect(fit('short', 7)).toBe('short');
  });

  test('stay between what is readable and what is sensible', () => {
    expect([usableColumns(10), usableColumns(80), usableColumns(300)]).toEqual([40, 80, 100]);
  });

  test('wrap at spaces, keep commands whole, and cut what is wider than a line', () => {
    expect(wrap('take it with `loopwright land 01k7`, now', 24)).toEqual([
      'take it with',
      '`loopwright land 01k7`,',
      'now',
    ]);
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
    expect(wrap('', 10)).toEqual(['']);
  });

  test('tables shorten the flexible column and then leave out optional ones', () => {
    const columns = [
      { title: 'id' },
      { title: 'n', align: 'right' },
      { title: 'extra', optional: true },
      { title: 'words', flexible: true },
    ] as const;
    const rows = [['one', '1', 'extra', 'a sentence that is rather long'].map((text) => ({ text }))];
    const render = (cells: number): readonly string[] => table(columns, rows, { columns: cells, heading: String });
    expect(render(80)).toEqual(['id   n  extra  words', 'one  1  extra  a sentence that is rather long']);
    expect(render(38)).toEqual(['id   n  extra  words', 'one  1  extra  a sentence that is rat…']);
    expect(render(30)).toEqual(['id   n  words', 'one  1  a sentence that is ra…']);
  });
});
