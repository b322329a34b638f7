import { expect, it } from 'vitest';
import { shellWord } from './shell-word.ts';

it.each([
  ['loopwright/01K7', 'loopwright/01K7'],
  ['', "''"],
  ['a; rm -rf b', "'a; rm -rf b'"],
  ['$(id)', "'$(id)'"],
  ["it's", String.raw`'it'\''s'`],
])('%j is typed as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
