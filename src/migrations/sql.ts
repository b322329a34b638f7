/**
 * SQL, as far as migrations need it read: tokens, and statements. Not a parser: what is between two semicolons is told by
 * the rules on strings, comments, dollar quotes and blocks alone, which PostgreSQL and SQLite share but for details
 * (https://www.postgresql.org/docs/current/sql-syntax-lexical.html, https://www.sqlite.org/lang_createtrigger.html). Of the
 * details those are kept that decide whether a statement is one or stands in a quote (https://www.sqlite.org/lang_comment.html,
 * https://www.sqlite.org/lang_keywords.html): who knows them could hide it. Every text is read to its end, in time that grows
 * with its length; nothing is ever refused.
 */
import type { DatabaseKind } from '../core/migration.ts';

/**
 * `word`: a key word or a plain name, in capitals in `value`. `name`: a quoted name, without its quotes in `value`.
 * `text`: a string of any kind, without its quotes. `mark`: one other character, or `::`. `command`: the rest of a line that
 * only a client understands (`\i`, `\gexec` of psql, `.read` of SQLite's shell).
 */
export interface SqlToken {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'mark' | 'command';
  readonly value: string;
  /** Offset of its first character. */
  readonly at: number;
  readonly end: number;
}

export interface SqlStatement {
  /** From its first token to its last, comments between them included, without the semicolon. */
  readonly text: string;
  /** Line of its first token, from 1. */
  readonly line: number;
  readonly tokens: readonly SqlToken[];
}

/** No others are spaces to a database: a no-break space is a letter to it, as all beyond ASCII. */
const SPACE = /[ \t\n\r\f\v]+/y;
const BYTE_ORDER_MARK = '\ufeff';
const LINE_COMMENT = /--[^\n\r]*/y;
/** For SQLite a comment goes on behind a carriage return. */
const LINE_COMMENT_SQLITE = /--[^\n]*/y;
const REST_OF_LINE = /[^\n\r]*/y;
const DOT_COMMAND = /\.\p{L}[^\n\r]*/uy;
const WORD = /[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*/uy;
const NUMBER = /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const DOLLAR = /\$(?:[A-Za-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$/uy;

/** To a database only letters of ASCII are the same in both cases: to JavaScript `ſ` is a small `S`, and would be another table. */
function inCapitals(word: string): string {
  return word.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function inSmallLetters(word: string): string {
  return word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  const sticky = pattern;
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? null;
}

/** null: nothing says which one it is, and it is read as PostgreSQL would but for quotes that others have. */
type Reader = DatabaseKind | null;

/** Block comments nest, but not those of SQLite; one that never ends takes the rest. */
function blockCommentEnd(text: string, at: number, reader: Reader): number {
  if (reader === 'sqlite') {
    const close = text.indexOf('*/', at + 2);
    return close < 0 ? text.length : close + 2;
  }
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at + 2;
  let depth = 1;
  for (let found = edge.exec(text); found !== null; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return text.length;
}

/** The end of a quoted text: behind its closing quote, or the end of all. A doubled quote is part of it. */
function quotedEnd(text: string, at: number, escapes: boolean): number {
  const quote = text[at];
  for (let index = at + 1; index < text.length; index += 1) {
    if (escapes && text[index] === '\\') index += 1;
    else if (text[index] === quote) {
      if (text[index + 1] !== quote) return index + 1;
      index += 1;
    }
  }
  return text.length;
}

function unquoted(text: string, at: number, end: number): string {
  const quote = text[at] ?? '';
  const closed = end - 1 > at && text[end - 1] === quote;
  return text.slice(at + 1, closed ? end - 1 : end).replaceAll(quote + quote, quote);
}

/** What is no token at that place: spaces and comments. Returns where the next token begins. */
function skipBlank(text: string, from: number, reader: Reader): number {
  const comment = reader === 'sqlite' ? LINE_COMMENT_SQLITE : LINE_COMMENT;
  let at = from;
  for (;;) {
    const blank = matchAt(SPACE, text, at) ?? matchAt(comment, text, at);
    if (blank !== null) at += blank.length;
    else if (text.startsWith('/*', at)) at = blockCommentEnd(text, at, reader);
    // Of a file, and for SQLite of any place.
    else if (text[at] === BYTE_ORDER_MARK && (at === 0 || reader === 'sqlite')) at += 1;
    else return at;
  }
}

function dollarQuoted(text: string, at: number): SqlToken | null {
  const tag = text[at] === '$' ? matchAt(DOLLAR, text, at) : null;
  if (tag === null) return null;
  const close = text.indexOf(tag, at + tag.length);
  const [inner, end] = close < 0 ? [text.length, text.length] : [close, close + tag.length];
  return { kind: 'text', value: text.slice(at + tag.length, inner), at, end };
}

/** A name of SQLite, as Microsoft has it: nothing in it is doubled, and one that never ends takes the rest. */
function bracketed(text: string, at: number): SqlToken | null {
  if (text[at] !== '[') return null;
  const close = text.indexOf(']', at);
  const [inner, end] = close < 0 ? [text.length, text.length] : [close, close + 1];
  return { kind: 'name', value: text.slice(at + 1, inner), at, end };
}

/** Where a string goes on in a later line, with nothing but spaces and comments before it (section 4.1.2.1); else null. */
function continuedAt(text: string, from: number): number | null {
  let at = from;
  for (;;) {
    const blank = matchAt(SPACE, text, at) ?? matchAt(LINE_COMMENT, text, at);
    if (blank === null) break;
    at += blank.length;
  }
  return text[at] === "'" && /[\n\r]/.test(text.slice(from, at)) ? at : null;
}

/** `E'...'`, and with it what goes on in the next line, in which a backslash means the same. */
function escapedEnd(text: string, from: number): number {
  let end = from;
  for (let at: number | null = from; at !== null; at = continuedAt(text, end)) end = quotedEnd(text, at, true);
  return end;
}

/** `U&"..."`: as it is written, since what it stands for may be said behind it. */
function encodedName(text: string, at: number): SqlToken | null {
  if (!/^u&"/i.test(text.slice(at, at + 3))) return null;
  const end = quotedEnd(text, at + 2, false);
  return { kind: 'name', value: text.slice(at, end), at, end };
}

function wordAt(text: string, at: number, reader: Reader): SqlToken | null {
  const word = matchAt(WORD, text, at);
  if (word === null) return null;
  const end = at + word.length;
  // `E'...'` has escapes; `X'..'`, `B'..'`, `N'..'` and `U&'..'` have none.
  if (text[end] === "'" && (reader === 'sqlite' ? /^x$/i : /^(?:e|x|b|n)$/i).test(word)) {
    const close = word.toLowerCase() === 'e' ? escapedEnd(text, end) : quotedEnd(text, end, false);
    return { kind: 'text', value: unquoted(text, end, close), at, end: close };
  }
  return { kind: 'word', value: inCapitals(word), at, end };
}

function tokenAt(text: string, at: number, reader: Reader): SqlToken {
  const character = text[at] ?? '';
  if (character === "'") {
    const end = quotedEnd(text, at, false);
    return { kind: 'text', value: unquoted(text, at, end), at, end };
  }
  if (character === '"' || (character === '`' && reader !== 'postgresql')) {
    const end = quotedEnd(text, at, false);
    return { kind: 'name', value: unquoted(text, at, end), at, end };
  }
  const quoted = reader === 'sqlite' ? bracketed(text, at) : (dollarQuoted(text, at) ?? encodedName(text, at));
  const token = quoted ?? wordAt(text, at, reader);
  if (token !== null) return token;
  const number = matchAt(NUMBER, text, at);
  if (number !== null) return { kind: 'number', value: number, at, end: at + number.length };
  const mark = text.startsWith('::', at) ? '::' : character;
  return { kind: 'mark', value: mark, at, end: at + mark.length };
}

/** psql takes a `\` for its own wherever no quote is open, SQLite's shell a point where a statement would begin. */
function commandAt(text: string, at: number, before: SqlToken | undefined): SqlToken | null {
  const begins = before === undefined || before.kind === 'command' || before.value === ';';
  const line = text[at] === '\\' ? matchAt(REST_OF_LINE, text, at) : begins ? matchAt(DOT_COMMAND, text, at) : null;
  if (line === null) return null;
  const value = line.trimEnd();
  return { kind: 'command', value, at, end: at + value.length };
}

export function readTokens(text: string, reader: Reader = null): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = skipBlank(text, 0, reader); at < text.length;) {
    const token = commandAt(text, at, tokens.at(-1)) ?? tokenAt(text, at, reader);
    tokens.push(token);
    at = skipBlank(text, token.end, reader);
  }
  return tokens;
}

/** The words at the beginning, as many as tell what a statement is. */
export function leadingWords(tokens: readonly SqlToken[], count: number): readonly string[] {
  return tokens.slice(0, count).map(({ kind, value }) => (kind === 'word' ? value : ''));
}

/** What may stand between CREATE and the kind of thing. */
const BEFORE_KIND: ReadonlySet<string> = new Set(['OR', 'REPLACE', 'TEMP', 'TEMPORARY']);

/** What is made, where it may have a body of statements: a trigger of SQLite, a function of PostgreSQL. */
function bodyOf(before: readonly SqlToken[], reader: Reader): 'trigger' | 'function' | null {
  const [first = '', ...more] = leadingWords(before, 4);
  const what = first === 'CREATE' ? more.find((word) => !BEFORE_KIND.has(word)) : undefined;
  if (what === 'TRIGGER' && reader !== 'postgresql') return 'trigger';
  return (what === 'FUNCTION' || what === 'PROCEDURE') && reader !== 'sqlite' ? 'function' : null;
}

/** What a token does to the number of parentheses that are open. */
export function nestingOf({ kind, value }: SqlToken): number {
  if (kind !== 'mark') return 0;
  return value === '(' ? 1 : value === ')' ? -1 : 0;
}

interface Nesting {
  readonly isOpen: boolean;
  /** Parentheses that are open. */
  readonly depth: number;
}

/**
 * Whether a body is open behind the token. Nearly all of these words are names too, so that a body is only what the grammar has
 * as one: `BEGIN ATOMIC ... ; END` for PostgreSQL, `BEGIN ... ; END` in a trigger of SQLite, which always has it. Neither nests.
 */
function isOpenBehind(
  token: SqlToken,
  { isOpen, depth }: Nesting,
  before: readonly SqlToken[],
  reader: Reader,
): boolean {
  const last = before.at(-1);
  if (isOpen) {
    const isEnd = token.kind === 'word' && token.value === 'END';
    return !(isEnd && (last?.kind === 'mark' || last?.kind === 'word') && /^(?:;|BEGIN|ATOMIC)$/.test(last.value));
  }
  if (token.kind !== 'word' || (token.value !== 'BEGIN' && token.value !== 'ATOMIC')) return false;
  const what = bodyOf(before, reader);
  if (what === 'trigger') return token.value === 'BEGIN';
  // `f(begin atomic)` is a parameter.
  return what === 'function' && token.value === 'ATOMIC' && last?.value === 'BEGIN' && depth === 0;
}

/**
 * Statements that hold anything but comments, in order. Joined by semicolons they are the text, but for comments outside. A
 * command of a client ends the statement before it, and is one of its own.
 */
export function readStatements(text: string, reader: Reader = null): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let tokens: SqlToken[] = [];
  let [isOpen, depth, line, counted] = [false, 0, 1, 0];
  const close = (): void => {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first !== undefined && last !== undefined) {
      // By characters: a search for the next line break would read the rest again for each statement of one long line.
      for (; counted < first.at; counted += 1) if (text[counted] === '\n') line += 1;
      statements.push({ text: text.slice(first.at, last.end), line, tokens });
    }
    [tokens, isOpen, depth] = [[], false, 0];
  };
  for (const token of readTokens(text, reader)) {
    if (token.kind === 'command') {
      close();
      tokens = [token];
      close();
    } else if (token.kind === 'mark' && token.value === ';' && !isOpen) close();
    else {
      isOpen = isOpenBehind(token, { isOpen, depth }, tokens, reader);
      depth += nestingOf(token);
      tokens.push(token);
    }
  }
  close();
  return statements;
}

/** `tokens` split at marks that stand in no parentheses. */
export function splitAt(tokens: readonly SqlToken[], mark: string): readonly (readonly SqlToken[])[] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += nestingOf(token);
    if (depth === 0 && token.kind === 'mark' && token.value === mark) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
