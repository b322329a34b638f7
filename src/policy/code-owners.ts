/**
 * Reads CODEOWNERS, of GitHub and of GitLab: pattern, then owners; the last pattern that matches decides. Pure, and it never
 * fails: a line that cannot be read is a problem with its number, and owns nothing.
 *
 * Patterns are those of .gitignore without `!`, `[ ]` and escapes other than of spaces and `#`
 * (docs.github.com, "About code owners").
 */
import { compileGlobs, globSyntaxProblem, readPath } from './globs.ts';
import type { CodeOwners, CodeOwnersProblem, OwnerRule } from './owned-paths.ts';

/** Where the forges look, in the order of GitHub. */
export const CODEOWNERS_FILES: readonly string[] = [
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitlab/CODEOWNERS',
];

/** GitHub reads no larger file. */
export const MAX_CODEOWNERS_BYTES: number = 3 * 2 ** 20;

/** Every line is compiled; far above what people write. */
const MAX_RULES = 5_000;
const MAX_PATTERN_CHARACTERS = 400;

const OWNER = /^(?:@{1,2}[A-Za-z0-9][\w.-]*(?:\/[\w./-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+)$/;

/** `[Section]`, `^[Optional]`, `[Section][2] @owner`. */
const SECTION = /^\^?\[[^\]]+\](?:\[\d+\])?(?:\s+(.*))?$/;

/** Words between blanks; `\ ` is a blank within one. Up to a `#` that begins a word. */
function wordsOf(text: string): readonly string[] {
  const words = text.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return comment === -1 ? words : words.slice(0, comment);
}

function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_CHARACTERS) return `the pattern has more than ${MAX_PATTERN_CHARACTERS} characters`;
  if (pattern.startsWith('!')) return '`!` is not allowed in CODEOWNERS; give the exception a later line of its own';
  if (/[[\]]/.test(pattern)) return '`[ ]` is not allowed in CODEOWNERS; write the pattern without ranges';
  if (/\\(?![ #])/.test(pattern)) return 'a backslash may only stand before a space or `#`';
  if (pattern.split('/').some((part) => part === '..' || part === '.'))
    return '`.` and `..` match nothing in CODEOWNERS';
  if (/^\/*$/.test(pattern) && pattern !== '/') return 'the pattern is empty';
  return null;
}

/** `docs/*` covers files of that folder alone, `docs/` and `docs` all below; a slash at the start or within anchors. */
function globsOf(pattern: string): readonly string[] {
  const plain = pattern.replaceAll(/\\(.)/g, '$1').replaceAll(/[{}()|+@!\\]/g, '\\$&');
  const body = plain
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replaceAll(/\/{2,}/g, '/');
  if (body === '' || body === '*' || body === '**') return plain.startsWith('/') && body === '*' ? ['*'] : ['**'];
  const anchored = plain.startsWith('/') || body.includes('/');
  const from = anchored ? body : `**/${body}`;
  if (plain.endsWith('/')) return [`${from}/**`];
  return from.endsWith('/*') || from.endsWith('**') ? [from] : [from, `${from}/**`];
}

interface OwnerWords {
  readonly owners: readonly string[];
  /** One sentence for each word that is no owner. */
  readonly problems: readonly string[];
}

function ownersOf(words: readonly string[]): OwnerWords {
  const bad = words.filter((word) => !OWNER.test(word));
  return {
    owners: [...new Set(words.filter((word) => OWNER.test(word)))],
    problems: bad.map((word) => `${JSON.stringify(word)} is no owner: write @user, @org/team or an address`),
  };
}

/** The rule of one line, or why there is none. */
function ruleOf(words: readonly string[], line: number, inherited: readonly string[]): OwnerRule | readonly string[] {
  const [pattern = '', ...named] = words;
  const { owners, problems } = ownersOf(named);
  const problem = patternProblem(pattern);
  if (problem !== null) return [...problems, problem];
  // Only bad owners: not a line without owners, which would take the path away from whoever had it.
  if (named.length > 0 && owners.length === 0) return problems;
  const globs = globsOf(pattern);
  const bad = globs.map(globSyntaxProblem).find((one) => one !== null);
  return bad === undefined ? { line, pattern, globs, owners: named.length === 0 ? inherited : owners } : [bad];
}

export function parseCodeOwners(text: string, fileName = 'CODEOWNERS'): CodeOwners {
  const rules: OwnerRule[] = [];
  const problems: CodeOwnersProblem[] = [];
  let inherited: readonly string[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const say = (messages: readonly string[]): number =>
      problems.push(...messages.map((message) => ({ line, message })));
    const section = SECTION.exec(trimmed);
    if (section !== null) {
      const words = ownersOf(wordsOf(section[1] ?? ''));
      inherited = words.owners;
      say(words.problems);
      continue;
    }
    if (rules.length === MAX_RULES) {
      say([`only the first ${MAX_RULES} rules are read`]);
      break;
    }
    const words = wordsOf(trimmed);
    const rule = ruleOf(words, line, inherited);
    if (!('globs' in rule)) say(rule);
    else {
      rules.push(rule);
      say(ownersOf(words.slice(1)).problems);
    }
  }
  return { fileName, rules, problems };
}

/** The rule that decides who owns a path; null where none matches. */
export function owningRule(file: CodeOwners, path: string): OwnerRule | null {
  const readings = readPath(path);
  return file.rules.findLast((rule) => compileGlobs(rule.globs, 'exact')(readings)) ?? null;
}
