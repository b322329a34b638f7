/**
 * How the repository writes the first lines of its commits, from the newest of them. Pure. What most of them do is the
 * convention; where they do not agree there is none, and a plain line is written.
 */

/** A commit of the base, newest first. */
export interface SeenCommit {
  readonly subject: string;
  /** The name, as the commit says. */
  readonly author: string;
  readonly parents: number;
  readonly signedOff: boolean;
}

export type Prefix =
  /** `type(scope): text`. Newest first, those that are used. */
  | { readonly kind: 'conventional'; readonly types: readonly string[]; readonly scopes: readonly string[] }
  /** `area: text`. */
  | { readonly kind: 'area'; readonly areas: readonly string[] }
  /** `ABC-12 text`, with what stands between them. */
  | { readonly kind: 'issue'; readonly projects: readonly string[]; readonly between: string; readonly open: string }
  /** An emoji, or its name between colons, before the text. */
  | { readonly kind: 'emoji'; readonly written: 'name' | 'character'; readonly used: readonly string[] }
  | { readonly kind: 'plain' };

export interface Convention {
  readonly prefix: Prefix;
  /** The text after the prefix starts with a capital letter. */
  readonly capital: boolean;
  readonly fullStop: boolean;
  /** Characters a first line may have: between 50 and 72. */
  readonly subjectLength: number;
  /** Nearly all commits are signed off, so a person has to sign this one off too. */
  readonly signOff: boolean;
  /** Commits it rests on. */
  readonly counted: number;
}

/** Fewer say nothing. */
const FEWEST = 5;
/** A share that makes a habit a convention. */
const MOST = 0.6;
const NEARLY_ALL = 0.8;

/** git's own advice, and where forges cut a first line. */
const SHORTEST_SUBJECT = 50;
export const LONGEST_SUBJECT = 72;

export const PLAIN: Convention = {
  prefix: { kind: 'plain' },
  capital: true,
  fullStop: false,
  subjectLength: LONGEST_SUBJECT,
  signOff: false,
  counted: 0,
};

const BOT =
  /\[bot\]$|^(?:dependabot|renovate|greenkeeper|snyk|github-actions|semantic-release|pre-commit-ci|mergify|bors)\b|\bbot$/i;

/** Written by tools: they say nothing of how people write. */
const MADE =
  /^(?:Merge (?:branch|pull request|remote-tracking|tag|commit)\b|Merged? |Revert "|fixup! |squash! |amend! |loopwright [0-9a-z]+, iteration |v?\d+\.\d+(?:\.\d+)?(?:[-+].*)?$|chore\(release\))/;

const CONVENTIONAL = /^([a-z]+)(?:\(([^()]+)\))?!?: (.*)$/s;
const AREA = /^([\w./{},*+-]+(?:, [\w./-]+)*): (.*)$/s;
const ISSUE = /^(\[?)([A-Z][A-Z0-9_]+)-\d+(\]?[:.]? (?:- )?)(.*)$/s;
const EMOJI = /^(:[\w+-]+:|\p{Extended_Pictographic}\uFE0F?)\s*(.*)$/su;

/** Those of Conventional Commits' tools (commitlint, config-conventional), with what projects use for the same. */
export const CONVENTIONAL_TYPES: readonly string[] = (
  'build chore ci docs feat fix perf refactor revert style test ' +
  'deps tests doc feature bugfix lint types release security format wip'
).split(' ');

function subjectOf({ subject }: SeenCommit): string {
  // What a forge adds when it squashes a request.
  return subject.replace(/ \(#\d+\)$/, '').trim();
}

function isByPeople({ subject, author, parents }: SeenCommit): boolean {
  return parents < 2 && !BOT.test(author) && !MADE.test(subject) && subject.trim() !== '';
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== ''))] as readonly string[];
}

function matchesOf(subjects: readonly string[], shape: RegExp): readonly RegExpExecArray[] {
  return subjects.map((subject) => shape.exec(subject)).filter((match) => match !== null);
}

function newestOf(values: readonly string[]): string {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '';
}

interface Found {
  readonly prefix: Prefix;
  /** What stands after the prefix. */
  readonly texts: readonly string[];
}

function foundIn(subjects: readonly string[]): Found {
  const enough = (matches: readonly unknown[]): boolean => matches.length >= subjects.length * MOST;
  const conventional = matchesOf(subjects, CONVENTIONAL).filter(([, type = '']) => CONVENTIONAL_TYPES.includes(type));
  if (enough(conventional)) {
    const types = unique(conventional.map(([, type]) => type));
    const scopes = unique(conventional.map(([, , scope]) => scope));
    const scoped = conventional.filter(([, , scope]) => scope !== undefined).length * 2 >= conventional.length;
    const prefix: Prefix = { kind: 'conventional', types, scopes: scoped ? scopes : [] };
    return { prefix, texts: conventional.map(([, , , text = '']) => text) };
  }
  const issue = matchesOf(subjects, ISSUE);
  if (enough(issue)) {
    const projects = unique(issue.map(([, , project]) => project));
    const between = newestOf(issue.map(([, , , separator = ' ']) => separator));
    const open = between.startsWith(']') ? '[' : '';
    return { prefix: { kind: 'issue', projects, between, open }, texts: issue.map(([, , , , text = '']) => text) };
  }
  const emoji = matchesOf(subjects, EMOJI);
  if (enough(emoji)) {
    const used = unique(emoji.map(([, one]) => one));
    const named = emoji.filter(([, one = '']) => one.startsWith(':')).length * 2 >= emoji.length;
    const prefix: Prefix = { kind: 'emoji', written: named ? 'name' : 'character', used };
    return { prefix, texts: emoji.map(([, , text = '']) => text) };
  }
  const area = matchesOf(subjects, AREA);
  if (enough(area)) {
    const prefix: Prefix = { kind: 'area', areas: unique(area.map(([, one]) => one)) };
    return { prefix, texts: area.map(([, , text = '']) => text) };
  }
  return { prefix: { kind: 'plain' }, texts: subjects };
}

/** Nine of ten are at most this long. */
function lengthOf(subjects: readonly string[]): number {
  const sorted = subjects.map(({ length }) => length).toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length * 0.9)] ?? LONGEST_SUBJECT;
  return Math.min(LONGEST_SUBJECT, Math.max(SHORTEST_SUBJECT, usual));
}

/** The plain one where fewer than five commits of people are among them. */
export function conventionOf(commits: readonly SeenCommit[]): Convention {
  const people = commits.filter(isByPeople);
  if (people.length < FEWEST) return PLAIN;
  const subjects = people.map(subjectOf);
  const { prefix, texts } = foundIn(subjects);
  // Scripts without capital letters, and names in code, say nothing.
  const letters = texts.map((text) => text.charAt(0)).filter((first) => first.toLowerCase() !== first.toUpperCase());
  const capitals = letters.filter((first) => first === first.toUpperCase());
  return {
    prefix,
    capital: capitals.length * 2 >= letters.length,
    fullStop: texts.filter((text) => /[^.]\.$/.test(text)).length >= texts.length * MOST,
    subjectLength: lengthOf(subjects),
    signOff: people.filter(({ signedOff }) => signedOff).length >= people.length * NEARLY_ALL,
    counted: people.length,
  };
}
