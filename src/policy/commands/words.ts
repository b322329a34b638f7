/** Words of the syntax tree as words of a command: quotes off, braces written out, the rest known or unknown. */
import type { Command, CommandExpansionPart, Word, WordPart } from 'unbash';
import type { ShellWord } from './model.ts';

/** Values of loop variables inside their loop. */
export type Variables = ReadonlyMap<string, ShellWord>;

/** Above it a word counts as unknown. */
const MAX_WRITTEN_OUT = 64;

/** Always a number, whatever it is: exit status, count of arguments, process ids. */
const NUMBERS = new Set(['?', '#', '$']);

interface Piece {
  readonly value: string | null;
  readonly glob: boolean;
}

const UNKNOWN: Piece = { value: null, glob: false };

/** Where a variable stands quoted, its value stays one word. Unquoted, it is split and its patterns are replaced. */
function variable(name: string, quoted: boolean, variables: Variables): Piece {
  if (NUMBERS.has(name)) return { value: '0', glob: false };
  const known = variables.get(name);
  if (known === undefined || known.home || known.value === null) return UNKNOWN;
  if (!quoted && (known.glob || /[\s*?[\\]/.test(known.value) || known.value === '')) return UNKNOWN;
  return { value: known.value, glob: known.glob };
}

/** `$(cat <<'EOF' … EOF)`: the usual way to write a message of several lines. It is the text itself. */
function quotedText({ script }: CommandExpansionPart): string | null {
  const [statement, ...more] = script?.commands ?? [];
  if (statement === undefined || more.length > 0 || (script?.errors ?? []).length > 0) return null;
  const { command } = statement;
  return command.type === 'Command' ? printedDocument(command) : null;
}

function printedDocument({ name, prefix, suffix }: Command): string | null {
  const [document, ...more] = suffix;
  if (name?.text !== 'cat' || prefix.length > 0 || more.length > 0) return null;
  if (document?.type !== 'HereDoc' || document.closing === undefined) return null;
  return document.delimiter?.quoted === true ? document.body.text.replace(/\n+$/, '') : null;
}

function join(pieces: readonly Piece[]): Piece {
  if (pieces.some((piece) => piece.value === null)) return UNKNOWN;
  return { value: pieces.map((piece) => piece.value).join(''), glob: pieces.some((piece) => piece.glob) };
}

function expansion(part: WordPart, quoted: boolean, variables: Variables): Piece {
  if (part.type === 'SimpleExpansion') return variable(part.text.slice(1), quoted, variables);
  if (part.type === 'CommandExpansion') return quoted ? { value: quotedText(part), glob: false } : UNKNOWN;
  if (part.type !== 'ParameterExpansion') return UNKNOWN;
  const simple = part.prefix === undefined && part.index === undefined && part.operation === undefined;
  return simple ? variable(part.parameter, quoted, variables) : UNKNOWN;
}

function piece(part: WordPart, quoted: boolean, variables: Variables): Piece {
  if (part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted') {
    return { value: part.value, glob: false };
  }
  if (part.type === 'Glob') return { value: part.text, glob: true };
  if (part.type === 'DoubleQuoted') return join(part.parts.map((inner) => piece(inner, true, variables)));
  return expansion(part, quoted, variables);
}

/** `{a,b}` in plain letters; what nests, counts or quotes stays unknown. */
function alternatives(part: WordPart): readonly string[] | null {
  if (part.type !== 'BraceExpansion') return null;
  const inner = /^\{([^{}'"\\$`*?[\]~]*,[^{}'"\\$`*?[\]~]*)\}$/.exec(part.text)?.[1];
  return inner === undefined ? null : inner.split(',');
}

function shellWord(source: string, { value, glob }: Piece): ShellWord {
  return { source, value, glob: glob && value !== null, home: source.startsWith('~') };
}

/** Usually one word; more where braces are written out. */
export function shellWords(word: Word, variables: Variables): readonly ShellWord[] {
  const { parts, text } = word;
  if (parts === undefined) return [shellWord(text, { value: word.value, glob: false })];
  if (!parts.some((part) => part.type === 'BraceExpansion')) {
    return [shellWord(text, join(parts.map((part) => piece(part, false, variables))))];
  }
  let variants: readonly (readonly Piece[])[] = [[]];
  for (const part of parts) {
    const choices = alternatives(part)?.map((value): Piece => ({ value, glob: false })) ?? [
      piece(part, false, variables),
    ];
    variants = variants.flatMap((start) => choices.map((choice) => [...start, choice]));
    if (variants.length > MAX_WRITTEN_OUT) return [shellWord(text, UNKNOWN)];
  }
  return variants.map((pieces) => shellWord(text, join(pieces)));
}
