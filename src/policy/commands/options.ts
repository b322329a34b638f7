/** Options of programs: tables of those that a wildcard may cover, and reading a command by such a table. */
import { isPlain, type Hazard, type ShellWord } from './model.ts';
import { pathProblem, wordProblem } from './paths.ts';

/**
 * `flag`: no value. `text`: a value nobody opens. `path`: a value that is opened. `glob`: a pattern of such. `name`: one of the program's own names, where
 * anything with a dot or slash in it would be loaded. `maybe`: a value only after `=`.
 */
type ValueKind = 'flag' | 'text' | 'path' | 'glob' | 'name' | 'maybe';

export interface OptionTable {
  readonly kinds: ReadonlyMap<string, ValueKind>;
  /** `-20`. */
  readonly numbers: boolean;
  /** `-run X` and `-run=X` instead of clusters of letters (go, terraform). */
  readonly singleDash: boolean;
  /** How words without a dash are read. */
  readonly words: WordsRule;
}

/**
 * `paths`: each is judged as a path. `text`: nobody opens them. `pattern`: the first is text, unless an option (`-e`) already
 * gave it. `none`: there are none.
 */
export type WordsRule = 'paths' | 'text' | 'pattern' | 'none';

const KINDS: Readonly<Record<string, ValueKind>> = { t: 'text', p: 'path', g: 'glob', n: 'name', m: 'maybe' };

/** `-a -n:t --include:p --format:n --color:m -N`: names, and the kind of value they take; `-N` stands for any number. */
export function options(spec: string, words: WordsRule = 'paths', singleDash: boolean = false): OptionTable {
  const kinds = new Map<string, ValueKind>();
  for (const entry of spec.split(/\s+/).filter((one) => one !== '' && one !== '-N')) {
    const [name = '', kind = ''] = entry.split(':');
    kinds.set(name, KINDS[kind] ?? 'flag');
  }
  return { kinds, numbers: /(^|\s)-N(\s|$)/.test(spec), singleDash, words };
}

export interface Scan {
  readonly hazards: readonly Hazard[];
  /** Indices of the words without a dash. */
  readonly positionals: readonly number[];
  /** Names of the options that are there. */
  readonly given: ReadonlySet<string>;
  /** Values of options by index of the word they end in. */
  readonly values: readonly { readonly name: string; readonly value: string; readonly index: number }[];
}

interface Scanning {
  readonly words: readonly ShellWord[];
  readonly table: OptionTable;
  readonly hazards: Hazard[];
  readonly positionals: number[];
  readonly given: Set<string>;
  readonly values: { name: string; value: string; index: number }[];
  readonly leniency: Leniency;
}

export interface Leniency {
  /** From the start no word is an option. */
  readonly optionsEnded: boolean;
  /** A pattern may give names that are read as options. */
  readonly anyGlob: boolean;
}

const STRICT: Leniency = { optionsEnded: false, anyGlob: false };

function valueProblem(kind: ValueKind | undefined, word: ShellWord, attached: string | null): string | null {
  if (word.value === null) return 'is not known before it runs';
  if (kind === 'name') return /^[\w,:@+-]*$/.test(attached ?? word.value) ? null : 'may be a file whose code is loaded';
  if (kind === 'glob') return pathProblem((attached ?? word.value).replace(/^!/, ''), true);
  if (kind !== 'path') return null;
  return attached === null ? wordProblem(word) : pathProblem(attached, word.glob);
}

function valueAt(scanning: Scanning, name: string, index: number, attached: string | null): number {
  const kind = scanning.table.kinds.get(name);
  const at = attached === null ? index + 1 : index;
  const word = scanning.words[at];
  if (word === undefined) return index;
  const problem = valueProblem(kind, word, attached);
  if (problem !== null) scanning.hazards.push({ index: at, why: `\`${word.source}\` ${problem}` });
  if (word.value !== null) scanning.values.push({ name, value: attached ?? word.value, index: at });
  return at;
}

function takesWord(kind: ValueKind): boolean {
  return kind === 'text' || kind === 'path' || kind === 'glob' || kind === 'name';
}

function unknownOption(scanning: Scanning, index: number, name: string): number {
  scanning.hazards.push({ index, why: `the option \`${name}\` is not known to be harmless` });
  return index;
}

/** `--name`, `--name=value`, and in the single-dash style `-name`. */
function longOption(scanning: Scanning, index: number, text: string): number {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const kind = scanning.table.kinds.get(name);
  if (kind === undefined) return unknownOption(scanning, index, name);
  scanning.given.add(name);
  if (equals !== -1) {
    return kind === 'flag'
      ? unknownOption(scanning, index, text)
      : valueAt(scanning, name, index, text.slice(equals + 1));
  }
  return takesWord(kind) ? valueAt(scanning, name, index, null) : index;
}

/** `-abc`: letters, of which one may take the rest, or the next word, as its value. */
function cluster(scanning: Scanning, index: number, text: string): number {
  const { table } = scanning;
  if (table.numbers && /^-\d+$/.test(text)) return index;
  for (let at = 1; at < text.length; at += 1) {
    const name = `-${text[at]}`;
    const kind = table.kinds.get(name);
    if (kind === undefined) return unknownOption(scanning, index, name);
    scanning.given.add(name);
    const rest = text.slice(at + 1);
    if (takesWord(kind)) return valueAt(scanning, name, index, rest === '' ? null : rest);
    if (kind === 'maybe' && rest !== '') return valueAt(scanning, name, index, rest);
  }
  return index;
}

/** A word that nobody knows may be an option, and so may the first letters of a pattern. */
function isOpen(word: ShellWord, { anyGlob }: Leniency): boolean {
  return word.value === null || (!anyGlob && word.glob && /^[*?[-]/.test(word.value));
}

function readOptions(scanning: Scanning, from: number): void {
  let ended = scanning.leniency.optionsEnded;
  for (let index = from; index < scanning.words.length; index += 1) {
    const word = scanning.words[index];
    if (word === undefined) continue;
    if (!ended && isOpen(word, scanning.leniency)) {
      const why = word.value === null ? 'is not known before it runs' : 'may give a name that is read as an option';
      scanning.hazards.push({ index, why: `\`${word.source}\` ${why}` });
    } else if (ended || word.value === null || !/^-./.test(word.value)) {
      scanning.positionals.push(index);
    } else if (word.value === '--') {
      ended = true;
    } else if (word.value.startsWith('--') || scanning.table.singleDash) {
      index = longOption(scanning, index, word.value);
    } else {
      index = cluster(scanning, index, word.value);
    }
  }
}

/** The hazards among the words from `from` on, by a table. */
export function scanOptions(
  words: readonly ShellWord[],
  from: number,
  table: OptionTable,
  leniency: Leniency = STRICT,
): Scan {
  const found = { hazards: [], positionals: [], given: new Set<string>(), values: [] };
  const scanning: Scanning = { words, table, leniency, ...found };
  readOptions(scanning, from);
  const { hazards, positionals, given, values } = scanning;
  const patternGiven = given.has('-e') || given.has('--regexp') || given.has('-f') || given.has('--file');
  const skipped = table.words === 'text' ? positionals.length : table.words === 'pattern' && !patternGiven ? 1 : 0;
  for (const [at, index] of positionals.entries()) {
    const word = words[index];
    if (word === undefined) continue;
    const problem =
      at < skipped
        ? isPlain(word) || word.glob || word.home
          ? null
          : 'is not known before it runs'
        : wordProblem(word);
    if (problem !== null) hazards.push({ index, why: `\`${word.source}\` ${problem}` });
    if (table.words === 'none') hazards.push({ index, why: `\`${word.source}\` is not expected here` });
  }
  return { hazards, positionals, given, values };
}
