/**
 * Neutralises text that an agent or a repository controls (paths, test names, claims, output) before anybody sees it.
 *
 * Two steps, always in this order: first make hidden characters visible (terminal control sequences, bidirectional
 * overrides, invisible letters), then escape for the place the text goes to. Nothing is dropped silently except colour
 * codes, which only decorate: what looks odd in a report is odd in the repository.
 */
import { HIDDEN } from '../core/hidden.ts';
import { unclosing } from '../core/landing/plain-words.ts';

/** Colour codes of a terminal. Removing them cannot hide anything: concealed text becomes plain. */
const COLOUR_CODES = /\u001B\[[0-9;:]*m/g;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function spellOut(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).padStart(2, '0');
  return code < 0x1_00 ? `\\x${hex}` : `\\u{${hex}}`;
}

/** For identifiers (paths, test names): one line, every hidden character spelled out, line breaks as `\n`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, spellOut);
}

/** A piece of prose within a line: white space collapsed, but not cut off at the ends. */
export function flowing(text: string): string {
  return visible(text.replace(COLOUR_CODES, '').replace(/[\t-\r ]+/g, ' '));
}

/** For prose from outside: one line, white space collapsed, everything else hidden spelled out. */
export function prose(text: string): string {
  return flowing(text).trim();
}

/** For output and diffs: keeps line breaks and tabs; a lone carriage return (a progress bar) becomes a line break. */
export function visibleBlock(text: string): string {
  const plain = text.replace(COLOUR_CODES, '').replace(/\r\n?/g, '\n');
  return plain.replace(HIDDEN, (character) =>
    character === '\n' || character === '\t' ? character : spellOut(character),
  );
}

/** For one line of a diff: tabs stay, a carriage return is shown, because there it is part of the change. */
export function visibleLine(text: string): string {
  return text.replace(HIDDEN, (character) => (character === '\t' ? character : spellOut(character)));
}

/** The last lines of a block, as far as they fit: what a process said before it ended. */
export function tail(text: string, maxLines: number, maxChars: number): Excerpt {
  const all = visibleBlock(text).trimEnd().split('\n');
  const lines: string[] = [];
  let room = maxChars;
  for (let index = all.length - 1; index >= 0 && lines.length < maxLines && room > 0; index -= 1) {
    const line = clip(all[index] ?? '', Math.min(room, 2_000));
    room -= line.length + 1;
    lines.unshift(line);
  }
  return { lines: lines.length === 1 && lines[0] === '' ? [] : lines, cutLines: all.length - lines.length };
}

/** Shortens to at most `max` characters, the last one being an ellipsis when something was cut. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const characters = Array.from(text.slice(0, max * 2));
  if (text.length <= max * 2 && characters.length <= max) return text;
  return `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

export interface Excerpt {
  readonly lines: readonly string[];
  /** How many lines were left out. */
  readonly cutLines: number;
}

/** The first lines of a block, each bounded, safe for a terminal. Empty lines at both ends are left out. */
export function excerpt(text: string, maxLines: number, maxColumns: number): Excerpt {
  const all = visibleBlock(text)
    .replace(/\t/g, '    ')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd()
    .split('\n');
  const lines = all.slice(0, maxLines).map((line) => clip(line.trimEnd(), maxColumns));
  return { lines: lines.length === 1 && lines[0] === '' ? [] : lines, cutLines: Math.max(0, all.length - maxLines) };
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML content and for quoted attributes; also valid in XML, where control characters are not allowed. */
export function escapeHtml(text: string): string {
  return visibleBlock(text).replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character);
}

/** Every ASCII punctuation as a numeric entity: Markdown never reads structure out of those. */
function asEntities(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  return longest;
}

/** A code span that any text fits in. Inside it forges make no mentions, issue references or links. */
export function markdownCode(text: string): string {
  const shown = visible(text);
  if (shown.trim() === '') return `<code>${shown.replaceAll(' ', '&#32;')}</code>`;
  // A pipe would end a table cell even inside a code span, and renderers disagree about escaped ones.
  if (shown.includes('|')) return `<code>${asEntities(shown)}</code>`;
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const padding = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${ticks}${padding}${shown}${padding}${ticks}`;
}

/**
 * Prose for Markdown. Besides the usual punctuation it breaks up what a forge would act on: `@name` notifies people and
 * `fixes #1` closes an issue when a report is pasted into a pull request. An empty comment splits them without a trace.
 */
export function markdownText(text: string): string {
  const broken = flowing(text)
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=\w|$)/g, '@<!-- -->')
    .replace(/#(?=\d|$)/g, '#<!-- -->')
    .replace(/\bGH-(?=\d|$)/gi, '$&<!-- -->')
    .replace(/:(?=\/\/)/g, ':<!-- -->')
    .replace(/\bwww(?=\.)/gi, '$&<!-- -->')
    .replace(/!(?=\d)/g, '!<!-- -->');
  return unclosing(broken, '-<!-- -->');
}

/** For what stands at the start of a line of Markdown: no heading, list, rule, setext underline or
 * command to a forge (`/close`) can begin there. */
export function markdownLine(escaped: string): string {
  return escaped
    .trim()
    .replace(/^(?:[-+=/]|#)/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

/** A fenced block that its content cannot close. */
export function markdownFence(text: string, language: string): string {
  const whole = visibleBlock(text).replace(/\n+$/, '');
  const fence = '`'.repeat(Math.max(3, longestRun(whole) + 1));
  // Versions of GitLab look for commands by a pattern that knows fences of three alone, and not the longer ones.
  const shown = fence.length === 3 ? whole : whole.replace(/^\//gm, ' /');
  return `${fence}${language}\n${shown}\n${fence}`;
}
