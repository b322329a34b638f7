/** One line of a compiler or a linter: the five shapes that most of them write. */
import { placed } from '../reading.ts';
import type { RawFinding } from '../reading.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Shape {
  readonly pattern: RegExp;
  /** For shapes without a word for the level. */
  readonly level: 'error' | null;
}

/** Words that begin a sentence about one line; everything that is no error of any kind is a warning. */
const WORDS = '(?<word>fatal error|error|warning|info|message)';

const SHAPES: readonly Shape[] = [
  // gcc, clang, mypy, ESLint's unix: `a.c:3:5: error: …`, with `error[E0308]:` or `error TS2322:` in some.
  {
    pattern: new RegExp(
      `^(?<file>.+?):(?<line>\\d+):(?:(?<column>\\d+):)? ?${WORDS}(?:\\[(?<code>[\\w-]+)\\])?: ?(?<text>.*)$`,
    ),
    level: null,
  },
  // tsc with --pretty: `a.ts:3:5 - error TS2322: …`
  {
    pattern: new RegExp(`^(?<file>.+?):(?<line>\\d+):(?<column>\\d+) - ${WORDS} (?<code>TS\\d+): (?<text>.*)$`),
    level: null,
  },
  // tsc, MSBuild, MSVC: `a.cs(3,5): error CS1002: …`; the code may be missing.
  {
    pattern: new RegExp(
      `^(?<file>.+?) ?\\((?<line>\\d+)(?:,(?<column>\\d+))?(?:[,-][\\d,-]+)?\\) ?: +${WORDS} ?(?<code>[A-Za-z]+\\d*|\\d+)? ?: (?<text>.*)$`,
      'i',
    ),
    level: null,
  },
  // Pylint's parseable, Flake8's pylint: `a.py:3: [E0213, f] …`; Pylint may repeat the module.
  {
    pattern: /^(?<file>.+?):(?:[\w.]+:)?(?<line>\d+):(?:(?<column>\d+):)? \[(?<code>[A-Z]\w*)[^\]]*\] (?<text>.*)$/,
    level: 'error',
  },
  // Flake8, Pylint, Ruff: `a.py:3:5: F401 …`
  {
    pattern: /^(?<file>.+?):(?<line>\d+):(?<column>\d+): (?<code>[A-Z]{1,3}\d{2,4}):? (?<text>.*)$/,
    level: 'error',
  },
  // Linkers: `foo.o: undefined reference to 'f'`
  { pattern: /^(?<file>[^\s:].*?): (?<text>undefined reference to .*)$/, level: 'error' },
];

function levelOf(word: string | undefined, shape: Shape): RawFinding['level'] {
  if (word === undefined) return shape.level ?? 'warning';
  return /error$/i.test(word) ? 'error' : 'warning';
}

/** mypy and clang put the rule behind the words: `… [assignment]`, `… [-Wunused]`. */
function ruleBehind(text: string): string | undefined {
  return /\[(-?[A-Za-z][\w.=-]*)\]$/.exec(text.trim())?.[1];
}

/** null when the line is none of them. */
export function findingOnLine(line: string): RawFinding | null {
  for (const shape of SHAPES) {
    const groups = shape.pattern.exec(line)?.groups;
    if (groups === undefined) continue;
    const { file = '', text = '', code, word } = groups;
    const place = { file: file.trim(), line: Number(groups['line'] ?? 0), column: Number(groups['column'] ?? 0) };
    const rule = code ?? ruleBehind(text) ?? text;
    // Pylint's I is information about its own work.
    const level = shape.level !== null && code?.startsWith('I') === true ? 'warning' : levelOf(word, shape);
    return { unit: place.file, rule, level, message: placed(place, code === undefined ? text : `${code} ${text}`) };
  }
  return null;
}

/** `error[E0308]: mismatched types`, which rustc and clippy follow with a line that says where. */
export function rustHead(
  line: string,
): { readonly rule: string; readonly level: RawFinding['level']; readonly words: string } | null {
  const match = /^\s*(error|warning)(?:\[(\w+)\])?: (.*)$/.exec(line);
  if (match === null) return null;
  const [, word = '', code, words = ''] = match;
  return { rule: code ?? words, level: word === 'error' ? 'error' : 'warning', words };
}

export function rustPlace(line: string): Place | null {
  const match = /^\s*--> (.+?):(\d+):(\d+)\s*$/.exec(line);
  if (match === null) return null;
  const [, file = '', row = '0', column = '0'] = match;
  return { file, line: Number(row), column: Number(column) };
}
