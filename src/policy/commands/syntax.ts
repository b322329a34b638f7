/** From text to a syntax tree, or why not. What a person would not see as it is read is refused before it is read. */
import { parse, type ParsedScript } from 'unbash';

/** Far above any line an agent writes; the parser takes some 20 ms for a whole megabyte. */
const MAX_COMMAND_CHARS = 65_536;

/** Zero width, direction marks, tags, and control characters other than tab and line feed. */
const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/u;

const NOT_ASCII = /[^\x00-\x7f]/gu;

/** What the shell gives a meaning to. */
const SYNTAX = /[\s;&|<>$`\\"'(){}[\]*?~#!=%/-]/;

export type Reading =
  | { readonly ok: true; readonly script: ParsedScript }
  /** One sentence without a full stop. */
  | { readonly ok: false; readonly problem: string };

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A character that is not what it looks like: `U+037E` reads as a semicolon, a fullwidth `|` as a pipe. */
function lookAlike(text: string): string | null {
  for (const [character] of text.matchAll(NOT_ASCII)) {
    const folded = character.normalize('NFKC');
    if (!/^[\x00-\x7f]+$/.test(folded) || !SYNTAX.test(folded)) continue;
    return `${codePoint(character)} looks like \`${folded}\` and is not`;
  }
  return null;
}

function textProblem(text: string): string | null {
  if (text.length > MAX_COMMAND_CHARS)
    return `the command has ${text.length} characters; at most ${MAX_COMMAND_CHARS} are read`;
  const hidden = HIDDEN.exec(text);
  if (hidden !== null) return `the invisible character ${codePoint(hidden[0])} can make the command read differently`;
  return lookAlike(text);
}

/** Pure. Never throws, whatever the text is. */
export function readScript(text: string): Reading {
  const problem = textProblem(text);
  if (problem !== null) return { ok: false, problem };
  const script = parse(text);
  const [error] = script.errors ?? [];
  if (error === undefined) return { ok: true, script };
  return {
    ok: false,
    problem: `it is not a command that can be read: ${error.message}, at character ${error.pos + 1}`,
  };
}
