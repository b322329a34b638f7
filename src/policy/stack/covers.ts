/**
 * Whether one entry of a list that grants lies within another. Where that cannot be told, it does not: the answer is for
 * layers that may only take away.
 */
import { canonicalJson } from '../canonical.ts';
import type { NetworkRuleSection } from '../content.ts';
import { literalPrefix } from '../globs.ts';
import { compileModelGlobs } from '../model-globs.ts';
import { allowedHosts, coversRuleOfHost } from '../network-rules.ts';

export type Covers = (wide: unknown, narrow: unknown) => boolean;

export function sameEntry(wide: unknown, narrow: unknown): boolean {
  return canonicalJson(wide) === canonicalJson(narrow);
}

/** Of a rule on commands the words count, not the reason or the examples. */
export function coversRule(wide: unknown, narrow: unknown): boolean {
  return ruleOf(wide) === ruleOf(narrow);
}

function ruleOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'rule' in entry ? entry.rule : null;
}

/** What could let a glob match outside of its leading plain names. */
const ALTERNATIVES = /[|()\\]/;

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** `src/**` and `src` cover what begins with `src/`. */
export function coversPath(wide: unknown, narrow: unknown): boolean {
  if (typeof wide !== 'string' || typeof narrow !== 'string') return false;
  if (wide === narrow || wide === '**') return true;
  const directory = wide.endsWith('/**') ? wide.slice(0, -3) : wide;
  if (literalPrefix(directory) !== directory || ALTERNATIVES.test(narrow)) return false;
  return isBelow(literalPrefix(narrow).normalize('NFC'), directory.normalize('NFC'));
}

/** Names of models: a plain name by the glob itself, `claude-opus-*` by what it begins with. */
export function coversModel(wide: unknown, narrow: unknown): boolean {
  if (typeof wide !== 'string' || typeof narrow !== 'string') return false;
  if (wide === narrow || wide === '**') return true;
  if (!/[*?[\]{}()|\\!+@]/.test(narrow)) return compileModelGlobs([wide])(narrow);
  const start = /^([\w./:-]+)\*$/.exec(wide)?.[1];
  const rest = start !== undefined && narrow.startsWith(start) ? narrow.slice(start.length) : null;
  // `*` stops at a slash, and `**` does not.
  return rest !== null && /^[\w.:-]*\*$/.test(rest);
}

function isNetworkRule(entry: unknown): entry is NetworkRuleSection {
  return typeof entry === 'object' && entry !== null && 'host' in entry && typeof entry.host === 'string';
}

/** Every host of the one, by a rule of the other. */
export function coversHostRule(wide: unknown, narrow: unknown): boolean {
  if (!isNetworkRule(wide) || !isNetworkRule(narrow)) return false;
  const [around, within] = [allowedHosts({ allow: [wide] }), allowedHosts({ allow: [narrow] })];
  return within.length > 0 && within.every((rule) => around.some((one) => coversRuleOfHost(one, rule)));
}
