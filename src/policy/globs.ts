/**
 * Globs of the policy, compiled once.
 *
 * A list of globs is ordered and the last match wins: a plain glob takes a path in, a glob with a leading `!` takes it
 * out again. Policy files never contain `!` themselves (they say `except`); the resolver writes it.
 * A glob whose last part is a plain name covers the file of that name and everything under it, so that `protect: tests`
 * does what it says; `{a,b}` is short for two globs. Wildcards match dotfiles and odd characters: a rule that a file name can dodge is no rule.
 */
import picomatch from 'picomatch';

/** A path, taken apart once for all the lists it is compared with. */
export interface PathParts {
  readonly path: string;
  readonly base: string;
  readonly segments: readonly string[];
  /** The path and each directory above it. */
  readonly prefixes: readonly string[];
}

/** The readings of a path: as it is, and as file systems may see it that fold case or Unicode forms. */
export interface PathReadings {
  readonly exact: PathParts;
  readonly folded: readonly PathParts[];
}

export type PathTest = (readings: PathReadings) => boolean;

/**
 * `folded` for lists that restrict (`protect`, `deny`, risk zones): on a file system that ignores case `Tests/a` is
 * `tests/a`, so they match both. `exact` for lists that permit: there, matching less is the safe side.
 */
export type CaseRule = 'folded' | 'exact';

function takeApart(path: string): PathParts {
  const segments = path.split('/');
  const prefixes: string[] = [];
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) prefixes.push(path.slice(0, end));
  prefixes.push(path);
  return { path, base: segments.at(-1) ?? '', segments, prefixes };
}

const ASCII = /^[\x00-\x7f]*$/;

export function readPath(path: string): PathReadings {
  const exact = takeApart(path.normalize('NFC'));
  const lower = exact.path.toLowerCase();
  const folded = [lower === exact.path ? exact : takeApart(lower)];
  if (!ASCII.test(path)) folded.push(takeApart(path.normalize('NFKC').toLowerCase()));
  return { exact, folded };
}

/** What makes a part of a glob a pattern. `@`, `+` and `!` only do so before a parenthesis. */
const MAGIC = /[*?[\]{}()|\\]/;

/** One sentence on what is wrong with a glob, or null. Also catches what would compile and then never match. */
export function globProblem(glob: string): string | null {
  if (glob.trim() === '') return 'an empty glob matches nothing; write a path such as `src/**`';
  if (glob !== glob.trim()) return `"${glob}" starts or ends with a space; remove it`;
  if (glob.length > 400) return `a glob has at most 400 characters, this one has ${glob.length}`;
  if (glob.startsWith('!')) {
    return `"${glob}" starts with \`!\`; say what to leave out under \`except\` or \`deny\` (a file really called that is \`\\!…\`)`;
  }
  if (glob.startsWith('/'))
    return `"${glob}" is absolute; globs are relative to the repository: \`${glob.replace(/^\/+/, '')}\``;
  const parts = glob.split('/');
  if (parts.includes('..') || parts.includes('.'))
    return `"${glob}" has a \`.\` or \`..\` part; write the path from the repository's root`;
  if (glob.endsWith('/')) return `"${glob}" ends with a slash and would match nothing; write \`${glob}**\``;
  if (parts.includes('')) return `"${glob}" has an empty part (\`//\`) and would match nothing`;
  if (/\\[A-Za-z0-9]/.test(glob)) return `"${glob}" has a backslash before a plain character; paths use \`/\``;
  return globSyntaxProblem(glob);
}

/** What the glob library refuses, in one sentence; null when it takes it. */
export function globSyntaxProblem(glob: string): string | null {
  try {
    picomatch.makeRe(glob, { ...OPTIONS, strictBrackets: true, debug: true });
  } catch (error) {
    // The documented way of picomatch to refuse unbalanced brackets and impossible ranges.
    if (error instanceof SyntaxError) return `"${glob}" is not a glob: ${error.message}`;
    throw error;
  }
  return null;
}

/** `s`: without it `*` and `**` stop at a line feed, and a file name may contain one. */
const OPTIONS = { dot: true, windows: false, flags: 's' } as const;

interface Group {
  readonly takesIn: boolean;
  /** Holds `**`. */
  everything: boolean;
  readonly segments: Set<string>;
  readonly prefixes: Set<string>;
  readonly bases: string[];
  readonly paths: string[];
}

function emptyGroup(takesIn: boolean): Group {
  return { takesIn, everything: false, segments: new Set(), prefixes: new Set(), bases: [], paths: [] };
}

/** `{a,b}/c` as `a/c` and `b/c`: plain names are cheap to test, alternatives inside a pattern are not. */
function expandBraces(glob: string): readonly string[] {
  // Nested braces, ranges and escapes keep their braces; the glob library reads those.
  const match = /^((?:[^{}\\()[\]]|\[[^{}\\()[\]]*\])*)\{([^{}\\()[\]]*,[^{}\\()[\]]*)\}(.*)$/s.exec(glob);
  if (match === null) return [glob];
  const [, before = '', choices = '', after = ''] = match;
  if (choices.includes('..')) return [glob];
  return choices.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

/** Puts a glob where it is cheapest to test. 50,000 paths meet some 250 globs; most of those are plain names. */
function sortIn(group: Group, glob: string): void {
  const anywhere = glob.startsWith('**/');
  const rest = anywhere ? glob.slice(3) : glob;
  const name = plainPart(glob);
  if (glob === '**') {
    group.everything = true;
  } else if (!MAGIC.test(name)) {
    if (!anywhere) group.prefixes.add(name);
    else if (name.includes('/')) group.paths.push(`**/${name}/**`);
    else group.segments.add(name);
  } else if (anywhere && !rest.includes('/') && !/[()\\]/.test(rest)) {
    group.bases.push(rest);
  } else {
    const last = glob.slice(glob.lastIndexOf('/') + 1);
    group.paths.push(MAGIC.test(last) ? glob : `${glob}/**`);
  }
}

/** `i` beside lower-casing the path: a folded list has to fold its own globs too. */
function combined(globs: readonly string[], rule: CaseRule): RegExp | null {
  if (globs.length === 0) return null;
  const sources = globs.map((glob) => picomatch.makeRe(glob, OPTIONS).source);
  return new RegExp(sources.join('|'), rule === 'folded' ? 'is' : 's');
}

function groupTest(group: Group, rule: CaseRule): (parts: PathParts) => boolean {
  const bases = combined(group.bases, rule);
  const paths = combined(group.paths, rule);
  if (group.everything) return () => true;
  return (parts) =>
    (group.segments.size > 0 && parts.segments.some((segment) => group.segments.has(segment))) ||
    (group.prefixes.size > 0 && parts.prefixes.some((prefix) => group.prefixes.has(prefix))) ||
    (bases !== null && bases.test(parts.base)) ||
    (paths !== null && paths.test(parts.path));
}

/** Compiles an ordered list. The globs are expected to have passed `globProblem`. */
export function compileGlobs(globs: readonly string[], rule: CaseRule): PathTest {
  const groups: Group[] = [];
  for (const raw of globs) {
    const takesIn = !raw.startsWith('!');
    const body = (takesIn ? raw : raw.slice(1)).normalize('NFC');
    let group = groups.at(-1);
    if (group === undefined || group.takesIn !== takesIn) {
      group = emptyGroup(takesIn);
      groups.push(group);
    }
    for (const glob of expandBraces(body)) {
      sortIn(group, rule === 'folded' && !MAGIC.test(plainPart(glob)) ? glob.toLowerCase() : glob);
    }
  }
  const tests = groups.map((group) => ({ takesIn: group.takesIn, test: groupTest(group, rule) })).reverse();
  const decide = (parts: PathParts): boolean => tests.find((group) => group.test(parts))?.takesIn ?? false;
  return (readings) => (rule === 'exact' ? decide(readings.exact) : readings.folded.some(decide));
}

/** The glob without a leading and a trailing globstar: what has to be free of wildcards to be compared as text. */
function plainPart(glob: string): string {
  const rest = glob.startsWith('**/') ? glob.slice(3) : glob;
  return rest.endsWith('/**') ? rest.slice(0, -3) : rest;
}

/** The leading parts of a glob that are plain names: the path under which everything it matches lies. */
export function literalPrefix(glob: string): string {
  const parts = glob.split('/');
  const magic = parts.findIndex((part) => MAGIC.test(part));
  return parts.slice(0, magic === -1 ? parts.length : magic).join('/');
}
