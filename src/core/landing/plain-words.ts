/**
 * Text from outside (a goal, names of tests) for a commit message, where nothing can be escaped: what git, forges, CI and
 * release tools act on is broken up, visibly. Nothing here has to be exact; the report holds the words as they were. Pure.
 */
import { HIDDEN } from '../hidden.ts';

/** Stands for bytes that were no text. */
const NO_TEXT = /\uFFFD/gu;

const BROKEN: readonly (readonly [RegExp, string])[] = [
  // `[skip ci]`, `[ci skip]`, `[no ci]`, `[skip actions]` and their relatives of every vendor; Azure's `***NO_CI***`.
  [/\[/g, '('],
  [/\]/g, ')'],
  [/\*{2,}/g, '*'],
  [/no_ci/gi, 'no ci'],
  [/skip-checks/gi, 'skip checks'],
  // Mentions, references to issues and requests, commands of issue trackers (`#close`).
  [/(^|[^\w@])@(?=\w)/g, '$1@ '],
  [/#(?=\w)/g, '# '],
  [/!(?=\d)/g, '! '],
  [/\b(GH|GL)-(?=\d)/gi, '$1 '],
  [/\/(issues?|pulls?|merge_requests|work_items|epics)\/(?=\d)/gi, '/$1/ '],
  // Tools that make releases read this at the start of any line.
  [/\bbreaking[ -]+change/gi, 'breaking_change'],
  // Trailers: who did it, and which run is behind it, is ours to say.
  [/Loop(?:wright)?-(?=Run|Step)/gi, 'loopwright '],
  [/\b((?:[a-z]+-)+(?:by|to))\s*[:=]/gi, '$1 '],
  // A divider ends the message for git; a branch of a run names that run.
  [/-{3,}/g, '--'],
  [/\bloopwright\/(?=\w)/gi, 'loopwright / '],
];

/** Nobody reads more of one text in a message. */
const MAX_CHARACTERS = 4_000;

/** One line without anything hidden, of the beginning of a long text. */
export function flat(text: string): string {
  return text
    .slice(0, MAX_CHARACTERS)
    .replace(/[\s\u0085]+/gu, ' ')
    .replace(HIDDEN, '')
    .replace(NO_TEXT, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/**
 * GitLab's closing pattern takes keys of other trackers too: `fixes ABC-12`, and `fix: ABC-12` of a whole first line.
 * `instead` stands for the dash of such a key.
 */
export function unclosing(text: string, instead: string = ' '): string {
  const parts = text.split(/(\s+)/);
  const closes = (index: number): boolean => /\b(?:clos|fix|resolv|implement)\w*:?$/i.test(parts[index] ?? '');
  const broken = parts.map((part, index) => {
    if (!/-\d/.test(part)) return part;
    const issue = /^issues?$/i.test(parts[index - 2] ?? '');
    return closes(issue ? index - 4 : index - 2) ? part.replace(/-(?=\d)/g, instead) : part;
  });
  return broken.join('');
}

/** One line that nobody acts on, wherever in a message it stands. */
export function plain(text: string): string {
  const broken = BROKEN.reduce((words, [what, instead]) => words.replace(what, instead), flat(text));
  return unclosing(broken.replace(/ {2,}/g, ' ')).trim();
}

/** Shortens to `max` characters, at a space where one is near. Ends in three dots where something was cut. */
export function cut(text: string, max: number): string {
  const characters = Array.from(text);
  if (characters.length <= max) return text;
  const kept = characters.slice(0, Math.max(0, max - 3)).join('');
  const space = kept.lastIndexOf(' ');
  return `${(space > kept.length / 2 ? kept.slice(0, space) : kept).replace(/[\s.,;:]+$/, '')}...`;
}

/** Where a message is wrapped, by git's custom. */
const COLUMNS = 72;

/** What a line must not begin with: a trailer, what ends a message for git, a comment, a breaking change, a quick action. */
const ACTS = /^(?:[A-Za-z0-9-]+\s*[:=]|BREAKING[ -]CHANGE|---|diff -|Index: |From |[#/])/i;

/** Lines of at most 72 columns; one that anybody would act on is marked as quoted. `first` stands before the first one. */
export function wrapped(text: string, first: string = ''): readonly string[] {
  const room = COLUMNS - 2 - first.length;
  const pieces = text.split(' ').flatMap((word) => piecesOf(word, room));
  const lines: string[] = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + piece.length > room) lines.push(piece);
    else lines[lines.length - 1] = `${line} ${piece}`;
  }
  const indent = ' '.repeat(first.length);
  return lines.map((line, index) => {
    if (first !== '') return `${index === 0 ? first : indent}${line}`;
    return ACTS.test(line) ? `> ${line}` : line;
  });
}

function piecesOf(word: string, room: number): readonly string[] {
  if (word.length <= room) return word === '' ? [] : [word];
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece.length + character.length > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
