/**
 * From YAML text to plain data that can be checked, with the place of everything.
 *
 * Our files use the part of YAML that reads the same to everybody: maps, lists and scalars. Anchors, aliases, tags,
 * merge keys, directives and several documents are refused: they make a rule hard to read, and aliases can unfold a few
 * bytes into gigabytes. Data is built from the syntax tree, so nothing is ever unfolded.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { secretShape } from '../core/secret-shapes.ts';

export type Path = readonly (string | number)[];

export interface Problem {
  readonly offset: number;
  readonly message: string;
}

export interface YamlTree {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths whose value could not be read; the schema has nothing to add about them. */
  readonly unread: ReadonlySet<string>;
  /** Where a key stands, or the nearest thing around it that exists. */
  keyOffset(path: Path): number;
  /** Where a value stands, or the nearest thing around it that exists. */
  valueOffset(path: Path): number;
  place(offset: number): { readonly line: number; readonly col: number };
  /** Line of every key and list entry. */
  readonly lines: ReadonlyMap<string, number>;
  /** Every value: where it begins, and how it is written. */
  readonly written: () => ReadonlyMap<string, WrittenValue>;
}

/** A value as a person wrote it. */
export interface WrittenValue {
  readonly line: number;
  readonly col: number;
  /** On one line, and clipped where it is long. */
  readonly text: string;
}

/** Characters of a value that a message shows. */
const MAX_WRITTEN = 80;

/** On one line. */
function shownValue(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_WRITTEN ? `${line.slice(0, MAX_WRITTEN - 1)}…` : line;
}

/** What differs between the files that are read this way. */
export interface FileWords {
  /** `a policy`. */
  readonly kind: string;
  /** What to say of a value that looks like a credential. */
  readonly secretRule: string;
  /** What to do instead of a merge key. */
  readonly mergeAdvice: string;
  /** Whether a message may repeat what the file says. Never where somebody may have typed a key by mistake. */
  readonly quotes: boolean;
}

/** More than any policy needs; keeps every later walk over the data shallow. */
const MAX_DEPTH = 16;

/** Invisible characters that make a line read differently than it is. */
const HIDDEN = /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u0085\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function joinPath(path: Path): string {
  return path.join('.');
}

interface Reading {
  readonly words: FileWords;
  readonly problems: Problem[];
  readonly unread: Set<string>;
  readonly keys: Map<string, number>;
  readonly values: Map<string, number>;
  /** Where the value ends, without what follows it on its line. */
  readonly ends: Map<string, number>;
}

interface Ranged {
  readonly range?: readonly [number, number, number] | null | undefined;
}

function offsetOf(node: unknown, otherwise: number): number {
  return (node as Ranged | null)?.range?.[0] ?? otherwise;
}

function refuse(reading: Reading, path: Path, offset: number, message: string): undefined {
  reading.problems.push({ offset, message });
  reading.unread.add(joinPath(path));
  return undefined;
}

function scalarValue(reading: Reading, path: Path, offset: number, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return refuse(reading, path, offset, `${value} is not a finite number; for no ceiling write \`unlimited\``);
  }
  if (typeof value === 'string') {
    const shape = secretShape(value);
    if (shape !== null) {
      return refuse(reading, path, offset, `this looks like ${shape}; ${reading.words.secretRule}`);
    }
  }
  return value;
}

function mapValue(
  reading: Reading,
  path: Path,
  items: readonly { key: unknown; value: unknown }[],
  start: number,
): unknown {
  const result: Record<string, unknown> = {};
  for (const item of items) {
    const offset = offsetOf(item.key, start);
    const key = isScalar(item.key) ? item.key.value : undefined;
    if (isAlias(item.key)) {
      refuse(reading, path, offset, 'an alias cannot be a key; put it in quotes');
    } else if (typeof key !== 'string') {
      refuse(reading, path, offset, 'a key has to be text; put it in quotes');
    } else if (key === '<<') {
      refuse(reading, path, offset, `merge keys (\`<<\`) are not allowed; ${reading.words.mergeAdvice}`);
    } else if (key === '__proto__') {
      refuse(reading, path, offset, '`__proto__` cannot be a key');
    } else if (Object.hasOwn(result, key)) {
      refuse(reading, path, offset, `the key \`${shownKey(key, reading.words)}\` is here twice; keep one`);
    } else {
      const inner = [...path, key];
      reading.keys.set(joinPath(inner), offset);
      result[key] = plainValue(reading, inner, item.value, offset);
    }
  }
  return result;
}

function plainValue(reading: Reading, path: Path, node: unknown, around: number): unknown {
  const offset = offsetOf(node, around);
  reading.values.set(joinPath(path), offset);
  reading.ends.set(joinPath(path), (node as Ranged | null)?.range?.[1] ?? offset);
  if (path.length > MAX_DEPTH) return refuse(reading, path, offset, `nested more than ${MAX_DEPTH} levels deep`);
  if (node === null || node === undefined) return null;
  if (isAlias(node)) {
    const advice = 'in YAML a value that starts with `*` is an alias, and aliases are not allowed';
    const glob = reading.words.quotes ? ` ("*${node.source}")` : '';
    return refuse(reading, path, offset, `${advice}; put a glob in quotes${glob}, or write the value out`);
  }
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return refuse(reading, path, offset, 'not a value');
  const quoted = (mark: string): string => (reading.words.quotes ? ` (\`${mark}\`)` : '');
  if (node.anchor !== undefined) {
    const mark = quoted(`&${node.anchor}`);
    return refuse(reading, path, offset, `anchors${mark} are not allowed; write the value where it is used`);
  }
  if (node.tag !== undefined) {
    const mark = quoted(node.tag);
    return refuse(reading, path, offset, `tags${mark} are not allowed; put text that starts with \`!\` in quotes`);
  }
  if (isScalar(node)) return scalarValue(reading, path, offset, node.value);
  if (isMap(node)) return mapValue(reading, path, node.items, offset);
  return node.items.map((item, index) => {
    const inner = [...path, index];
    reading.keys.set(joinPath(inner), offsetOf(item, offset));
    return plainValue(reading, inner, item, offset);
  });
}

/** Our words, with the fix, for what the parser finds most often. Its own words serve for the rest. */
const SYNTAX_MESSAGES: ReadonlyMap<string, (kind: string) => string> = new Map<string, (kind: string) => string>([
  ['TAB_AS_INDENT', () => 'a tab is used for indentation; use spaces'],
  ['MULTIPLE_DOCS', (kind) => `a second document starts here; ${kind} is one document`],
  ['RESOURCE_EXHAUSTION', () => `nested more than ${MAX_DEPTH} levels deep`],
  ['BLOCK_AS_IMPLICIT_KEY', () => 'the value holds a `: `, which starts a map inside it; put the value in quotes'],
  [
    'BAD_ALIAS',
    () => 'in YAML a value that starts with `*` is an alias, and aliases are not allowed; put a glob in quotes',
  ],
]);

function syntaxMessage(error: YAMLError, words: FileWords): string {
  const ours = SYNTAX_MESSAGES.get(error.code);
  if (ours !== undefined) return ours(words.kind);
  // The parser quotes what it cannot read.
  if (!words.quotes) return `this is not YAML (${error.code}); put values in quotes`;
  const advice = error.code === 'BAD_SCALAR_START' ? '; put the value in quotes' : '';
  return `${lowerFirst(error.message)}${advice}`;
}

/** The name of a key as a message may show it: where nothing may be repeated, only what is plainly a word. */
export function shownKey(key: string, words: Pick<FileWords, 'quotes'>): string {
  return words.quotes || /^[a-z][a-z_-]{0,30}$/.test(key) ? key : '…';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function hiddenCharacters(text: string): Problem[] {
  return Array.from(text.matchAll(HIDDEN), (match) => {
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return {
      offset: match.index,
      message: `the invisible character U+${code} can make the file read differently than it is; remove it`,
    };
  });
}

function nearestOffset(offsets: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsets.get(joinPath(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return offsets.get('') ?? 0;
}

export function readYaml(text: string, words: FileWords): YamlTree {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    // Found below in linear time; the parser's own check is quadratic.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const reading: Reading = {
    words,
    problems: hiddenCharacters(text),
    unread: new Set(),
    keys: new Map(),
    values: new Map(),
    ends: new Map(),
  };
  // Once the parser ran out of stack, everything else it says is an echo of that.
  const exhausted = document.errors.filter((error) => error.code === 'RESOURCE_EXHAUSTION').slice(0, 1);
  for (const error of exhausted.length > 0 ? exhausted : document.errors)
    reading.problems.push({ offset: error.pos[0], message: syntaxMessage(error, words) });
  const directive = /^%.*$/m.exec(text);
  if (directive !== null && directive.index <= offsetOf(document.contents, text.length)) {
    refuse(
      reading,
      [],
      directive.index,
      `directives (\`%\`) are not allowed; ${words.kind} is YAML 1.2, remove the line`,
    );
  }
  // After a syntax error the tree is a guess, and what the schema would say about a guess misleads.
  if (document.errors.length > 0) reading.unread.add('');
  const value = exhausted.length > 0 ? null : plainValue(reading, [], document.contents, 0);
  const place = (offset: number): { line: number; col: number } => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  return {
    value,
    problems: reading.problems,
    unread: reading.unread,
    keyOffset: (path) => nearestOffset(reading.keys, path),
    valueOffset: (path) => nearestOffset(reading.values, path),
    place,
    lines: new Map([...reading.keys].map(([path, offset]) => [path, place(offset).line])),
    written: () =>
      new Map(
        [...reading.values].map(([path, offset]) => {
          // A map shows its text up to 16 KiB at most: what is longer is clipped anyway.
          const end = Math.min(reading.ends.get(path) ?? offset, offset + 16 * 1024);
          return [path, { ...place(offset), text: shownValue(text.slice(offset, end)) }];
        }),
      ),
  };
}
