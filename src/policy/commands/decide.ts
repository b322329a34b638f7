/**
 * What the rules of a policy say about a command line, a path or an address.
 *
 * Every part of a line is judged on its own and the strictest answer counts: `deny` over `ask` over `allow`. A part is allowed
 * when an `allow` rule matches its words and covers what is in them: a wildcard covers words that are known to be harmless,
 * and whatever else a command can be told to do has to be written in the rule. What no rule allows is asked about.
 */
import type { CommandRule, CommandRules } from '../../core/command-rule.ts';
import { isHarmlessInShell, isHarmlessVariable } from './environment.ts';
import { ALWAYS, isPlain, WRITTEN_OUT, type Hazard, type Part, type ShellWord } from './model.ts';
import { neverRuns, neverWrites } from './never.ts';
import { partsOf } from './parts.ts';
import { isStream, pathProblem, wordProblem, workspacePath, writeProblem } from './paths.ts';
import { hazardsOf } from './profiles/index.ts';
import { coversHost, coversPath, matchWords, readRule, type Rule } from './rule.ts';

export type Decision = 'allow' | 'ask' | 'deny';

/** The rule that decided; `at` is its place in its list. A built-in refusal has no place. */
export interface DecidingRule {
  readonly list: Decision;
  readonly at: number | null;
  readonly rule: string;
  readonly reason: string | null;
}

export interface Judged {
  readonly decision: Decision;
  /** What was judged: a command in its words, `write FILE`, `NAME=value`. */
  readonly what: string;
  readonly rule: DecidingRule | null;
  /** Why, in one sentence without a full stop. */
  readonly why: string;
}

export interface Ruling {
  readonly decision: Decision;
  readonly rule: DecidingRule | null;
  readonly why: string;
  /** Every part of the line, in the order they are written. */
  readonly parts: readonly Judged[];
}

interface Compiled {
  readonly list: Decision;
  readonly at: number;
  readonly written: CommandRule;
  readonly rule: Rule;
}

export interface RuleEngine {
  decide(command: string): Ruling;
  decidePath(tool: 'Read' | 'Edit', path: string): Ruling;
  decideHost(host: string): Ruling;
}

const STRICTNESS: Readonly<Record<Decision, number>> = { allow: 0, ask: 1, deny: 2 };

/** Shell words that do nothing to anybody. */
const FREE = new Set(['true', 'false', ':', 'exit', 'return', 'break', 'continue', 'wait']);

function compile(rules: CommandRules): readonly Compiled[] {
  return (['deny', 'ask', 'allow'] as const).flatMap((list) =>
    rules[list].flatMap((written, at) => {
      const reading = readRule(written.rule, list === 'allow' ? 'exact' : 'folded');
      return reading.ok ? [{ list, at, written, rule: reading.rule }] : [];
    }),
  );
}

function shown(words: readonly ShellWord[]): string {
  return words.map((word) => word.source).join(' ');
}

function by({ list, at, written }: Compiled): DecidingRule {
  return { list, at, rule: written.rule, reason: written.reason };
}

function builtIn(what: string, why: string): Judged {
  return { decision: 'deny', what, why, rule: { list: 'deny', at: null, rule: 'built in', reason: why } };
}

/** The first rule that says no, or ask. */
function restricting(compiled: readonly Compiled[], what: string, matches: (rule: Rule) => boolean): Judged | null {
  const found = compiled.find(({ list, rule }) => list !== 'allow' && matches(rule));
  if (found === undefined) return null;
  const why = `\`${found.written.rule}\` ${found.list === 'deny' ? 'refuses it' : 'wants it asked about'}`;
  return { decision: found.list, what, why, rule: by(found) };
}

function withBaseName(words: readonly ShellWord[]): readonly ShellWord[] {
  const [first, ...rest] = words;
  return first?.value === undefined || first.value === null
    ? words
    : [{ ...first, value: first.value.replace(/^.*\//, '') }, ...rest];
}

/** Without what stands between the name and the command, whatever it does: `git -C x push` is a `git push`. */
function withoutOptions(words: readonly ShellWord[]): readonly ShellWord[] {
  const [first, ...rest] = withBaseName(words);
  if (first === undefined) return words;
  const from = rest.findIndex(
    ({ value }, index) => value !== null && !value.startsWith('-') && !/^-[Cc]$/.test(rest[index - 1]?.value ?? ''),
  );
  return from === -1 ? words : [first, ...rest.slice(from)];
}

/** Paths that a command names, as rules know them: each word, and what stands behind `=` or a letter. */
function namedPaths(words: readonly ShellWord[]): readonly string[] {
  return words.slice(1).flatMap(({ value }) => {
    if (value === null) return [];
    const pieces = [value, value.replace(/^-+[\w-]*=/, ''), value.replace(/^-\w/, ''), value.replace(/^[^:]*:/, '')];
    return [...new Set(pieces)].flatMap((piece) => workspacePath(piece) ?? []);
  });
}

function restrictsRun(run: Part & { kind: 'run' }, rule: Rule): boolean {
  const all = [run.words, ...run.via];
  if (rule.tool === 'Bash')
    return all.some((words) =>
      [words, withBaseName(words), withoutOptions(words)].some((one) => matchWords(rule.tokens, one) !== null),
    );
  return namedPaths(run.words).some((path) => coversPath(rule, path));
}

/** A rule without a wildcard may spell out the wrapper too: `timeout 60 npm test`. */
function outerMatch(rule: Rule & { tool: 'Bash' }, run: Part & { kind: 'run' }): ReadonlySet<number> | null {
  if (!rule.writtenOut) return null;
  return run.via.some((words) => matchWords(rule.tokens, words) !== null) ? new Set() : null;
}

/** Options before the command of git that change nothing: `git --no-pager log` is `git log`. */
const GIT_GLOBALS = /^(?:--no-pager|-P|--no-optional-locks|--literal-pathspecs|--no-replace-objects)$/;
const NPX_GLOBALS = /^--(?:no|no-install)$/;

function withoutGlobals(words: readonly ShellWord[]): readonly ShellWord[] {
  const [first, ...rest] = words;
  const globals = first?.value === 'git' ? GIT_GLOBALS : first?.value === 'npx' ? NPX_GLOBALS : null;
  if (first === undefined || globals === null) return words;
  const from = rest.findIndex((word) => !globals.test(word.value ?? ''));
  return [first, ...(from === -1 ? [] : rest.slice(from))];
}

function uncovered(hazards: readonly Hazard[], named: ReadonlySet<number>, writtenOut: boolean): Hazard | undefined {
  return writtenOut ? undefined : hazards.find(({ index }) => index === WRITTEN_OUT || !named.has(index));
}

/** Why a command needs no rule; null where it does. */
function needsNoRule({ words, open }: Part & { kind: 'run' }): string | null {
  const [first, second, ...more] = words;
  if (!isPlain(first) || more.length > 0) return null;
  if (first.value === 'cat' && second === undefined && !open) return 'it prints what it is given';
  return FREE.has(first.value) && /^\d*$/.test(second?.value ?? '') ? 'it does nothing' : null;
}

/** The `allow` rule that matches and covers everything, or why none does. */
function allowing(compiled: readonly Compiled[], run: Part & { kind: 'run' }): Compiled | string {
  const words = withoutGlobals(run.words);
  const hazards = hazardsOf(words, run);
  const always = hazards.find(({ index }) => index === ALWAYS);
  if (always !== undefined) return always.why;
  let why = `no rule allows \`${run.words[0]?.source ?? ''}\` with these words`;
  for (const one of compiled) {
    if (one.list !== 'allow' || one.rule.tool !== 'Bash') continue;
    const named = matchWords(one.rule.tokens, words) ?? outerMatch(one.rule, run);
    if (named === null) continue;
    const hazard = uncovered(hazards, named, one.rule.writtenOut);
    if (hazard === undefined) return one;
    why = `\`${one.written.rule}\` matches, but does not cover this: ${hazard.why}`;
  }
  return why;
}

function judgeRun(compiled: readonly Compiled[], run: Part & { kind: 'run' }): Judged {
  const what = shown(run.words);
  const never = neverRuns(run);
  if (never !== null) return builtIn(what, never.why);
  const restricted = restricting(compiled, what, (rule) => restrictsRun(run, rule));
  if (restricted !== null) return restricted;
  const free = needsNoRule(run);
  if (free !== null) return { decision: 'allow', what, rule: null, why: free };
  const found = allowing(compiled, run);
  if (typeof found === 'string') return { decision: 'ask', what, rule: null, why: found };
  return { decision: 'allow', what, rule: by(found), why: `\`${found.written.rule}\` allows it` };
}

function judgeWrite(compiled: readonly Compiled[], target: ShellWord): Judged {
  const what = `write ${target.source}`;
  if (target.value === null || target.glob || target.home) {
    const why = target.home ? 'it writes into a home directory' : 'the file it writes to is not known before it runs';
    return { decision: 'ask', what, rule: null, why };
  }
  const never = neverWrites(target.value);
  if (never !== null) return builtIn(what, never.why);
  if (isStream(target.value)) return { decision: 'allow', what, rule: null, why: 'it keeps nothing' };
  return judgePath(compiled, 'Edit', target.value, what);
}

/** A path as a rule for `Read` or `Edit` sees it. */
function judgePath(compiled: readonly Compiled[], tool: 'Read' | 'Edit', path: string, what: string): Judged {
  const inside = workspacePath(path);
  if (inside === null)
    return { decision: 'ask', what, rule: null, why: `\`${path}\` ${pathProblem(path) ?? 'is the workspace itself'}` };
  // What may not be read may not be written either: writing back what was read would show it.
  const restricted = restricting(
    compiled,
    what,
    (rule) => (tool === 'Edit' || rule.tool !== 'Edit') && coversPath(rule, inside),
  );
  if (restricted !== null) return restricted;
  const problem = tool === 'Edit' ? writeProblem(path) : pathProblem(path);
  for (const one of compiled) {
    if (one.list !== 'allow' || one.rule.tool !== tool || !coversPath(one.rule, inside)) continue;
    if (problem === null || one.rule.glob === inside)
      return { decision: 'allow', what, rule: by(one), why: `\`${one.written.rule}\` allows it` };
    return {
      decision: 'ask',
      what,
      rule: null,
      why: `\`${one.written.rule}\` matches, but \`${path}\` ${problem}; only a rule with this very path covers it`,
    };
  }
  const why =
    problem === null
      ? `no rule allows to ${tool === 'Edit' ? 'write' : 'read'} \`${inside}\`; \`${tool}(${inside})\` would`
      : `\`${path}\` ${problem}`;
  return { decision: 'ask', what, rule: null, why };
}

/** A command that is allowed may read files of the workspace; `Read` rules only take away. */
function judgeRead(compiled: readonly Compiled[], target: ShellWord): Judged {
  const what = `read ${target.source}`;
  const inside = target.value === null ? null : workspacePath(target.value);
  const restricted =
    inside === null ? null : restricting(compiled, what, (rule) => rule.tool === 'Read' && coversPath(rule, inside));
  if (restricted !== null) return restricted;
  const problem = wordProblem(target);
  if (problem !== null) return { decision: 'ask', what, rule: null, why: `\`${target.source}\` ${problem}` };
  return { decision: 'allow', what, rule: null, why: 'it is a file of the workspace' };
}

function judgeSet(name: string, passedOn: boolean, value: ShellWord | null): Judged {
  const what = `${name}=${value?.source ?? ''}`;
  const harmless = value !== null && (passedOn ? isHarmlessVariable(name) : isHarmlessInShell(name));
  if (harmless) return { decision: 'allow', what, rule: null, why: 'it changes no program that runs' };
  return { decision: 'ask', what, rule: null, why: `the variable \`${name}\` may change what runs` };
}

function judgePart(compiled: readonly Compiled[], part: Part): Judged {
  if (part.kind === 'run') return judgeRun(compiled, part);
  if (part.kind === 'write') return judgeWrite(compiled, part.target);
  if (part.kind === 'read') return judgeRead(compiled, part.target);
  if (part.kind === 'set') return judgeSet(part.name, part.passedOn, part.value);
  return { decision: 'ask', what: 'the line', rule: null, why: part.why };
}

/** After `cd`, git reads the settings of another directory, and some of those run programs. */
function changesRepository(parts: readonly Part[]): Judged | null {
  const names = parts.flatMap((part) => (part.kind === 'run' ? [part.words[0]?.value ?? null] : []));
  const moved = names.findIndex((name) => name === 'cd' || name === 'pushd');
  if (moved === -1 || !names.slice(moved + 1).includes('git')) return null;
  return {
    decision: 'ask',
    what: 'the line',
    rule: null,
    why: 'it runs git in a directory whose settings are not those of the workspace',
  };
}

function strictest(parts: readonly Judged[]): Ruling {
  const worst = parts.reduce<Judged | null>(
    (found, one) => (found === null || STRICTNESS[one.decision] > STRICTNESS[found.decision] ? one : found),
    null,
  );
  if (worst === null) return { decision: 'ask', rule: null, why: 'it runs nothing', parts };
  // Where everything is allowed, the rule for what runs says more than that a variable is harmless.
  const told = worst.decision === 'allow' ? (parts.find((part) => part.rule !== null) ?? worst) : worst;
  return { decision: told.decision, rule: told.rule, why: told.why, parts };
}

/** Pure. Rules that cannot be read are left out: `rule-problems.ts` refuses a policy that has some. */
export function createRuleEngine(rules: CommandRules): RuleEngine {
  const compiled = compile(rules);
  return {
    decide(command) {
      const parts = partsOf(command);
      const judged = parts.map((part) => judgePart(compiled, part));
      const elsewhere = changesRepository(parts);
      return strictest(elsewhere === null ? judged : [...judged, elsewhere]);
    },
    decidePath: (tool, path) =>
      strictest([judgePath(compiled, tool, path, `${tool === 'Edit' ? 'write' : 'read'} ${path}`)]),
    decideHost(host) {
      const name = host.toLowerCase().replace(/\.$/, '');
      const what = `fetch ${name}`;
      const restricted = restricting(compiled, what, (rule) => coversHost(rule, name));
      if (restricted !== null) return strictest([restricted]);
      const found = compiled.find(({ list, rule }) => list === 'allow' && coversHost(rule, name));
      if (found === undefined)
        return strictest([{ decision: 'ask', what, rule: null, why: `no rule allows the host \`${name}\`` }]);
      return strictest([{ decision: 'allow', what, rule: by(found), why: `\`${found.written.rule}\` allows it` }]);
    },
  };
}
