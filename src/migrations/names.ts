/** Names and key words in the tokens of a statement, as far as rules ask for them. Pure. */
import { nestingOf, inSmallLetters, splitAt } from './sql.ts';
import type { SqlToken } from './sql.ts';

const OPTIONAL: ReadonlySet<string> = new Set(['IF', 'NOT', 'EXISTS', 'ONLY', 'CONCURRENTLY']);

/** Words that stand between a key word and a name and mean nothing to the rules. */
function afterOptional(tokens: readonly SqlToken[], from: number): number {
  let at = from;
  while (tokens[at]?.kind === 'word' && OPTIONAL.has(tokens[at]?.value ?? '')) at += 1;
  return at;
}

/** A point inside a quoted name parts nothing, and must not look as if it did. */
function partOf({ kind, value }: SqlToken): string {
  if (kind === 'word') return inSmallLetters(value);
  return kind === 'name' && value.includes('.') ? JSON.stringify(value) : value;
}

/** A name with what stands before its dots: `public.users`; and where it ends. As in the text, but in small letters. */
export function nameAt(tokens: readonly SqlToken[], from: number): { readonly name: string; readonly end: number } {
  const start = afterOptional(tokens, from);
  const parts: string[] = [];
  let at = start;
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    const isPart = (at - start) % 2 === 0;
    if (token === undefined || (isPart ? token.kind === 'mark' || token.kind === 'number' : token.value !== '.')) break;
    parts.push(partOf(token));
  }
  return { name: parts.join('').slice(0, 120), end: at };
}

export function isWord({ kind, value }: SqlToken, word: string): boolean {
  return kind === 'word' && value === word;
}

export const has = (tokens: readonly SqlToken[], ...words: readonly string[]): boolean =>
  words.every((word) => tokens.some((token) => isWord(token, word)));

/** Whether the words stand there one behind the other. */
export function hasPhrase(tokens: readonly SqlToken[], ...words: readonly string[]): boolean {
  return tokens.some((_, at) =>
    words.every((word, index) => {
      const token = tokens[at + index];
      return token !== undefined && isWord(token, word);
    }),
  );
}

/** The tokens without what stands in parentheses: conditions and lists are not the statement. */
export function outside(tokens: readonly SqlToken[]): readonly SqlToken[] {
  let depth = 0;
  return tokens.filter((token) => {
    depth += nestingOf(token);
    return depth === 0 && token.value !== ')';
  });
}

/** Names behind a word, as in `DROP TABLE a, b`. */
export function namesBehind(tokens: readonly SqlToken[], what: string): readonly string[] {
  const at = tokens.findIndex((token) => isWord(token, what)) + 1;
  return splitAt(tokens.slice(at), ',').map((part) => nameAt(part, 0).name);
}

/** A name with a parenthesis behind it: a call, a type with a length, a table with its columns. */
export function isCalled(tokens: readonly SqlToken[], index: number): boolean {
  const [token, next] = [tokens[index], tokens[index + 1]];
  return (token?.kind === 'word' || token?.kind === 'name') && next?.kind === 'mark' && next.value === '(';
}

/** Functions that are called, by the last part of their name, in small letters. */
export function calledIn(tokens: readonly SqlToken[]): readonly string[] {
  return tokens.flatMap((token, index) =>
    isCalled(tokens, index) ? [token.kind === 'word' ? inSmallLetters(token.value) : token.value] : [],
  );
}
