import { describe, expect, it } from 'vitest';
import { addedFile, contentOf } from '../../../test/fixtures/content.ts';
import { readMergeLeftovers } from './index.ts';

describe('leftovers of a merge', () => {
  it.each([
    ['a conflict', 'a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\n', [2]],
    ['a heading of AsciiDoc or reStructuredText', 'Title\n=======\n', []],
    ['an arrow alone', '>>>>>>> look here\n', []],
    ['a beginning without an end', '<<<<<<< HEAD\n', []],
    ['an end before the beginning', '>>>>>>> a\n<<<<<<< b\n', []],
    ['a quoted mail', '>> a\n>>> b\n', []],
  ])('%s', async (_, text, lines) => {
    const seen = await readMergeLeftovers(contentOf([addedFile('a.md', text)]));
    expect(seen.map(({ line }) => line)).toEqual(lines);
  });
});
