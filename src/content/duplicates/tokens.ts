/**
 * Source code as tokens in which names, numbers and texts are all alike, so that a copy with other names is a copy still. No
 * grammar: words, numbers, texts and signs are enough to compare, in every language whose comments are known.
 */
import type { Language } from '../file-kind.ts';

export interface Token {
  /** A word of the language, a sign, or `n` a name, `0` a number, `s` a text. */
  readonly kind: string;
  /** From 1. */
  readonly line: number;
}

/** Words that shape code; what is none of them is a name. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'abstract and as assert async await begin break case catch class const continue def default defer del do elif else elsif end ' +
    'ensure enum except export extends false final finally fn for foreach from func function go if impl implements import in ' +
    'instanceof interface is lambda let loop match mod module mut namespace new nil None not null or package pass private ' +
    'protected pub public raise range rescue return select self static struct super switch this throw trait true True False try ' +
    'type typeof unless until use using var void when where while with yield'
  ).split(' '),
);

const LEXEME: Readonly<Record<Language['comment'], RegExp>> = {
  '//': /(\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$))|("(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\[^])*`?)|(\d[\w.]*)|([A-Za-z_$][\w$]*)|(\n)|([^\s\w])/g,
  '#': /(#[^\n]*)|("""(?:[^"]|"(?!""))*(?:"""|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)|(\d[\w.]*)|([A-Za-z_$][\w$]*)|(\n)|([^\s\w])/g,
};

/** Lines that only bring names in look alike everywhere. */
const IMPORT =
  /^\s*(?:import\b|from\s+\S+\s+import\b|export\s+(?:\*|\{[^}]*\})\s+from\b|use\s+[\w:\\{]|using\s|#include\b|package\s|require(?:_relative)?\b|@)/;

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

export function tokensOf(text: string, { comment }: Language): readonly Token[] {
  const skipped = new Set(
    text.split('\n').flatMap((line, index) => (IMPORT.test(line.slice(0, 300)) ? [index + 1] : [])),
  );
  const tokens: Token[] = [];
  let line = 1;
  for (const [whole, ofComment, ofText, ofNumber, word, lineBreak] of text.matchAll(LEXEME[comment])) {
    const kind =
      ofComment !== undefined || lineBreak !== undefined
        ? null
        : ofText !== undefined
          ? 's'
          : ofNumber !== undefined
            ? '0'
            : word !== undefined && !KEYWORDS.has(word)
              ? 'n'
              : whole;
    if (kind !== null && !skipped.has(line)) tokens.push({ kind, line });
    line += lineBreaks(whole);
  }
  return tokens;
}
