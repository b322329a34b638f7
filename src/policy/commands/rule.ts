/** One rule as people write it: `Tool(specifier)`. */
import { compileGlobs, globProblem, readPath, type CaseRule, type PathTest } from '../globs.ts';
import type { ShellWord } from './model.ts';

/** One token of a pattern over words. */
interface Token {
  /** Matches any number of words, also none. */
  readonly rest: boolean;
  /** Its text where it has no wildcard. */
  readonly literal: string | null;
  readonly shape: RegExp;
}

export type Rule =
  | { readonly tool: 'Bash'; readonly tokens: readonly Token[]; readonly writtenOut: boolean }
  | { readonly tool: 'Read' | 'Edit'; readonly glob: string; readonly covers: PathTest }
  | { readonly tool: 'WebFetch'; readonly domain: string };

export type RuleReading = { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly problem: string };

const FORM = /^([A-Za-z]\w*)(?:\((.*)\))?$/s;

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Splits at blanks outside of quotes. Quotes and backslashes take the meaning from a star. */
function tokensOf(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  const pattern = /\s*((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+)/gy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    end = match.index + match[0].length;
    const pieces = [...(match[1] ?? '').matchAll(/'([^']*)'|"([^"]*)"|\\(.)|([^'"\\])/gs)];
    const wild = pieces.some((piece) => piece[4] === '*');
    const literal = pieces.map((piece) => piece[1] ?? piece[2] ?? piece[3] ?? piece[4] ?? '').join('');
    const shape = pieces.map((piece) =>
      piece[4] === '*' ? '.*' : escaped(piece[1] ?? piece[2] ?? piece[3] ?? piece[4] ?? ''),
    );
    tokens.push({
      rest: match[1] === '*',
      literal: wild ? null : literal,
      shape: new RegExp(`^${shape.join('')}$`, 's'),
    });
  }
  return text.slice(end).trim() === '' ? tokens : 'a quote in it is not closed';
}

/** What stands between commands, or around one, never is a word of one. */
const OPERATORS = /(?:^|\s)(?:&&|\|\|?|;|&|>>?|<)(?:\s|$)|[^\\;];(?:\s|$)|\$\(|`/;

function bashRule(specifier: string): RuleReading {
  // `npm run test:*` is the older way to write `npm run test *`.
  const text = specifier.replace(/:\*$/, ' *');
  if (OPERATORS.test(text)) {
    return {
      ok: false,
      problem: 'it never matches: each command of a line is compared on its own, so write one rule for each',
    };
  }
  const tokens = tokensOf(text);
  if (typeof tokens === 'string') return { ok: false, problem: tokens };
  const [first] = tokens;
  if (first === undefined) return { ok: false, problem: 'it names no command; `Bash(*)` is every command' };
  if (/^[A-Za-z_]\w*=/.test(first.literal ?? '')) {
    return {
      ok: false,
      problem: 'it never matches: variables before a command are judged on their own; write the command alone',
    };
  }
  return { ok: true, rule: { tool: 'Bash', tokens, writtenOut: tokens.every((token) => token.literal !== null) } };
}

function pathRule(tool: 'Read' | 'Edit', specifier: string, letters: CaseRule): RuleReading {
  const glob = specifier.replace(/^\.\//, '');
  const problem = globProblem(glob);
  if (problem !== null) return { ok: false, problem };
  return { ok: true, rule: { tool, glob, covers: compileGlobs([glob], letters) } };
}

function fetchRule(specifier: string): RuleReading {
  const domain = /^domain:((?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\*)$/i.exec(specifier)?.[1];
  if (domain === undefined) return { ok: false, problem: 'write the host as `WebFetch(domain:docs.example.com)`' };
  return { ok: true, rule: { tool: 'WebFetch', domain: domain.toLowerCase() } };
}

/** Reads a rule. `letters`: `exact` for a rule that permits. The problem is one sentence without a full stop. */
export function readRule(text: string, letters: CaseRule): RuleReading {
  const match = FORM.exec(text.trim());
  if (match === null) return { ok: false, problem: 'expected `Tool(specifier)` such as `Bash(npm test *)`' };
  const [, tool = '', specifier] = match;
  switch (tool) {
    case 'Bash':
      return bashRule(specifier ?? '*');
    case 'Read':
    case 'Edit':
      return pathRule(tool, specifier ?? '**', letters);
    case 'WebFetch':
      return fetchRule(specifier ?? 'domain:*');
    case 'Write':
    case 'MultiEdit':
    case 'NotebookEdit':
      return { ok: false, problem: `\`${tool}\` is covered by \`Edit(GLOB)\`; write that` };
    default:
      return {
        ok: false,
        problem: `there is no tool \`${tool}\` here; known are \`Bash\`, \`Read\`, \`Edit\` and \`WebFetch\``,
      };
  }
}

/** The words of a command that a rule spells out, by index; null where it does not match. */
export function matchWords(tokens: readonly Token[], words: readonly ShellWord[]): ReadonlySet<number> | null {
  /** Places that are known to lead nowhere: keeps patterns with several stars from trying everything twice. */
  const failed = new Set<number>();
  const go = (token: number, word: number): readonly number[] | null => {
    const key = token * (words.length + 1) + word;
    if (failed.has(key)) return null;
    const found = step(token, word);
    if (found === null) failed.add(key);
    return found;
  };
  const step = (token: number, word: number): readonly number[] | null => {
    const expected = tokens[token];
    if (expected === undefined) return word === words.length ? [] : null;
    if (expected.rest) {
      if (token === tokens.length - 1) return [];
      // Nothing of it, or one more word.
      return go(token + 1, word) ?? (word < words.length ? go(token, word + 1) : null);
    }
    const found = words[word];
    if (found === undefined || found.value === null || found.home || !expected.shape.test(found.value)) return null;
    const rest = go(token + 1, word + 1);
    if (rest === null || expected.literal === null || found.glob) return rest;
    return [word, ...rest];
  };
  const named = go(0, 0);
  return named === null ? null : new Set(named);
}

export function coversPath(rule: Rule, path: string): boolean {
  return (rule.tool === 'Read' || rule.tool === 'Edit') && rule.covers(readPath(path));
}

export function coversHost(rule: Rule, host: string): boolean {
  if (rule.tool !== 'WebFetch') return false;
  if (rule.domain === '*') return true;
  if (rule.domain.startsWith('*.')) return host.endsWith(rule.domain.slice(1));
  return host === rule.domain;
}

/** The words a rule spells out before its first wildcard. */
export function literalStart(rule: Rule & { readonly tool: 'Bash' }): readonly string[] {
  const wild = rule.tokens.findIndex((token) => token.literal === null);
  return rule.tokens.slice(0, wild === -1 ? rule.tokens.length : wild).flatMap(({ literal }) => literal ?? []);
}

/** Whether every command that `narrow` matches is matched by `wide`. */
function subsumesWords(wide: readonly Token[], narrow: readonly Token[]): boolean {
  /** As in `matchWords`: places that lead nowhere are tried once. */
  const failed = new Set<number>();
  const go = (at: number, other: number): boolean => {
    const key = at * (narrow.length + 1) + other;
    if (failed.has(key)) return false;
    const found = step(at, other);
    if (!found) failed.add(key);
    return found;
  };
  const step = (at: number, other: number): boolean => {
    const [token, against] = [wide[at], narrow[other]];
    if (token === undefined) return against === undefined;
    if (token.rest) return go(at + 1, other) || (against !== undefined && go(at, other + 1));
    if (against === undefined || against.rest) return false;
    const same =
      against.literal === null ? token.shape.source === against.shape.source : token.shape.test(against.literal);
    return same && go(at + 1, other + 1);
  };
  return go(0, 0);
}

function subsumesPath(wide: Rule & { readonly glob: string }, narrow: { readonly glob: string }): boolean {
  if (wide.glob === narrow.glob || wide.glob === '**') return true;
  if (!/[*?[\]{}()!+@\\]/.test(narrow.glob)) return coversPath(wide, narrow.glob);
  // `src/**` over `src/a/*.ts`: a directory with all that is in it, and a pattern that starts inside of it.
  return (
    wide.glob.endsWith('/**') &&
    !/[*?[\]{}]/.test(wide.glob.slice(0, -3)) &&
    narrow.glob.startsWith(wide.glob.slice(0, -2))
  );
}

/** Whether `wide` decides on everything that `narrow` decides on. False where that is not plain to see. */
export function subsumes(wide: Rule, narrow: Rule): boolean {
  if (wide.tool === 'Bash') return narrow.tool === 'Bash' && subsumesWords(wide.tokens, narrow.tokens);
  if (wide.tool === 'WebFetch')
    return (
      narrow.tool === 'WebFetch' &&
      (wide.domain === narrow.domain || coversHost(wide, narrow.domain.replace(/^\*\./, 'x.')))
    );
  return narrow.tool === wide.tool && subsumesPath(wide, narrow);
}
