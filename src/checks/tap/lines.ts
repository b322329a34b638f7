/** The lines of a TAP stream, prepared for the parser: documents apart, diagnostics out, traps defused. */
import { stripAnsi } from '../excerpt.ts';

export type TapLine =
  | { readonly kind: 'line'; readonly text: string }
  /** A YAML block without its fences, dedented; belongs to the line before it. */
  | { readonly kind: 'diagnostics'; readonly text: string }
  | { readonly kind: 'doubt'; readonly doubt: string };

const VERSION = /^TAP version \d+\s*$/i;
/** At the margin; only a failure counts as protocol further in, because a piece that is dropped must not hold one. */
const PROTOCOL = /^(?:TAP version \d+\s*$|(?:not )?ok\b|\d+\.\.\d+|Bail out!|# Subtest\b|(?: {4})+not ok\b)/i;
const POINT = /^( *)(?:not )?ok\b/;

/** Deeper than any real subtest (64 levels); the parser recurses once per level. */
const MAX_INDENT = 256;

/** Longer lines are output, not protocol, or have a description nobody reads to the end. */
const MAX_LINE_CHARS = 10_000;

/** Put at the end of a line, it keeps the parser from seeing a brace or a fence there, and people do not see it. */
export const NO_WIDTH = '\u200B';

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Index of the line that closes the YAML block opened at `open`, or -1 when none does. */
function blockEnd(lines: readonly string[], open: number): number {
  const fence = lines[open] ?? '';
  const indent = fence.slice(0, indentOf(fence));
  for (let at = open + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trimEnd() === `${indent}...`) return at;
    if (line.trim() !== '' && !line.startsWith(indent)) return -1;
  }
  return -1;
}

/**
 * A description may end in `{`, which is also how a buffered subtest begins. It is one only if a `}` closes it; a buffered
 * subtest holds nothing at the indentation of its own point, so the first line there decides.
 */
function opensSubtest(lines: readonly string[], at: number): boolean {
  const indent = indentOf(lines[at] ?? '');
  for (let next = at + 1; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    if (line.trim() === '' || indentOf(line) > indent) continue;
    return line.trim() === '}' && indentOf(line) === indent;
  }
  return false;
}

function pointLine(lines: readonly string[], at: number, line: string): string {
  return /\{\s*$/.test(line) && !opensSubtest(lines, at) ? `${line.trimEnd()}${NO_WIDTH}` : line;
}

function* prepared(lines: readonly string[]): Generator<TapLine> {
  let point = -1;
  for (let at = 0; at < lines.length; at += 1) {
    const whole = lines[at] ?? '';
    const indent = indentOf(whole);
    const line = whole.slice(0, MAX_LINE_CHARS);
    if (point >= 0 && line.trim() === '---' && indent > point) {
      const end = blockEnd(lines, at);
      if (end < 0) {
        yield { kind: 'doubt', doubt: 'a diagnostic block in it is never closed' };
        continue;
      }
      const text = lines.slice(at + 1, end).map((inner) => inner.slice(indent));
      yield { kind: 'diagnostics', text: text.join('\n') };
      at = end;
      point = -1;
      continue;
    }
    if (indent > 0 && line.trim() === '---') {
      // Belongs to no point, so it is output; the parser must not take what follows for YAML.
      yield { kind: 'line', text: `${line.trimEnd()}${NO_WIDTH}` };
      continue;
    }
    point = POINT.test(whole) ? indent : -1;
    if (indent > MAX_INDENT) {
      if (point >= 0) yield { kind: 'doubt', doubt: 'its subtests nest too deep' };
      continue;
    }
    yield { kind: 'line', text: point >= 0 ? pointLine(lines, at, line) : line };
  }
}

/**
 * The TAP documents in a text. Several commands in one check write several, each with a version line. Text without any line
 * of the protocol is no document: the banner of npm before the first version line.
 */
export function tapDocuments(text: string): readonly Iterable<TapLine>[] {
  const lines = text.split(/\r?\n/).map(stripAnsi);
  const documents: string[][] = [];
  let current: string[] = [];
  for (const line of lines) {
    if (VERSION.test(line)) {
      documents.push(current);
      current = [];
    }
    current.push(line);
  }
  documents.push(current);
  return documents.filter((document) => document.some((line) => PROTOCOL.test(line))).map((one) => prepared(one));
}
