/** Names in the commands that are printed to be typed, given to a real shell. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellWord } from '../../src/core/shell-word.ts';

it('leaves what needs no quotes as a person would type it', () => {
  expect(shellWord('loopwright/01K7')).toBe('loopwright/01K7');
});

it('is one word with the same letters to a real shell', () => {
  const texts = fc.sample(
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    200,
  );
  const words = ['a; touch b', '$(id)', '`id`', "it's", '', '*', '~', ' two  words ', '\\', '\n', ...texts];
  const said = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`]).toString('utf8');
  expect(said.split('\0').slice(0, -1)).toEqual(words.map((word) => Buffer.from(word).toString('utf8')));
});
