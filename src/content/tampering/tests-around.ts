/** The tests of the change's tree that speak of something, whether the change touched them or not. */
import { isTestPath } from '../../core/test-path.ts';
import type { ReadChange } from './reading.ts';

/** Names to look for in the tests at a time, and test files that are read. */
const MOST_ASKED = 40;
const MOST_TESTS = 40;

/** The longest word of it: the rarest, most likely. */
function wordOf(value: string): string {
  const words = value.match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}

/** Texts of test files in which one of the values may stand; at most 40. */
export async function testsThatMention(change: ReadChange, values: readonly string[]): Promise<readonly string[]> {
  const words = [...new Set(values.map(wordOf).filter((word) => word !== ''))].slice(0, MOST_ASKED);
  if (words.length === 0) return [];
  const mentions = await change.head.mentions(words);
  const paths = [...new Set([...mentions.values()].flat())].filter(isTestPath).slice(0, MOST_TESTS);
  const texts = await Promise.all(paths.map((path) => change.head.read(path)));
  return texts.filter((bytes) => bytes !== null).map((bytes) => Buffer.from(bytes).toString('utf8'));
}

/** Not as a part of a longer word or number. */
export function standsAlone(value: string, text: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    if (!/[\w.]/.test(`${text[at - 1] ?? ''}${text[at + value.length] ?? ''}`)) return true;
  }
  return false;
}
