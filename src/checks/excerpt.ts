/** Text out of test reports, made safe to show: in a prompt, in a terminal, in a log. */
import { createHash } from 'node:crypto';

/** What a person reads of one failure before opening the full output. */
export const MESSAGE_LINES = 20;
export const MESSAGE_CHARS = 2_000;

/** Longer names exist (whole parameter lists), but an id is also a line in a report. */
const NAME_CHARS = 400;

/** Stands for a raw ESC in text that went through an XML parser, which would refuse the real one (see `decode.ts`). */
export const VISIBLE_ESCAPE = '\u241B';

/** Colour and cursor sequences. pytest writes the escape as the text `#x1B`. No sequence spans a line. */
const ANSI = new RegExp(`(?:\\u001B|${VISIBLE_ESCAPE}|#x1B)\\[[0-9;:?]{0,40}[A-Za-z]`, 'g');

/** Control characters except tab and line feed, and the marks that reverse the reading direction of a line. */
const UNSHOWABLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u241B\uFFFE\uFFFF]/g;

export function stripAnsi(text: string): string {
  return text.replace(ANSI, '');
}

function showable(text: string): string {
  return stripAnsi(text).replace(/\r\n?/g, '\n').replace(UNSHOWABLE, '').toWellFormed();
}

/** One line that names a test. Stable: the same name always gives the same text, also when it had to be cut. */
export function cleanName(text: string): string {
  const clean = showable(text).replace(/\s+/g, ' ').trim();
  if (clean.length <= NAME_CHARS) return clean;
  // Cut names still have to differ where the whole names did.
  const digest = createHash('sha256').update(clean).digest('hex').slice(0, 12);
  return `${clean.slice(0, NAME_CHARS).toWellFormed()}… (${digest})`;
}

interface Bounds {
  readonly lines: number;
  readonly chars: number;
}

function withoutBlankEdges(text: string): string {
  return text.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
}

/** The first lines of a message. */
export function headOf(text: string, bounds: Bounds = { lines: MESSAGE_LINES, chars: MESSAGE_CHARS }): string {
  // Cut before cleaning, so that a message of megabytes costs nothing; sequences make up for at most half of it.
  const clean = withoutBlankEdges(showable(text.slice(0, bounds.chars * 4)));
  const lines = clean.split('\n');
  const kept = lines.slice(0, bounds.lines).join('\n');
  if (kept.length > bounds.chars) return `${kept.slice(0, bounds.chars - 1).toWellFormed()}…`;
  return lines.length > bounds.lines && kept.length < bounds.chars ? `${kept}…` : kept;
}

/** The last lines of an output, where commands say what went wrong. */
export function tailOf(text: string, bounds: Bounds = { lines: MESSAGE_LINES, chars: MESSAGE_CHARS }): string {
  const clean = withoutBlankEdges(showable(text.slice(-bounds.chars * 4)));
  const kept = clean.split('\n').slice(-bounds.lines).join('\n');
  if (kept.length > bounds.chars) return `…${kept.slice(kept.length - bounds.chars + 1).toWellFormed()}`;
  return kept;
}
