/** What an agent that asks is told by the rules of a policy. */
import type { CommandPolicy } from '../../core/command-rule.ts';
import { unreachable } from '../../core/errors.ts';
import type { PermissionAnswer, PermissionQuestion } from '../../core/permission.ts';
import { createRuleEngine, type Decision, type Judged, type RuleEngine, type Ruling } from './decide.ts';
import { partsOf } from './parts.ts';
import { pathProblem, workspacePath as insideWorkspace } from './paths.ts';
import { literalStart, readRule } from './rule.ts';

/** `workspace`: where it is for the agent, absolute. */
export type Answerer = (question: PermissionQuestion, workspace: string) => PermissionAnswer;

/** Without the workspace in front; what is elsewhere stays absolute. */
function relative(path: string, workspace: string): string {
  if (path === workspace || path === `${workspace}/`) return '.';
  return path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path;
}

/** The line as an agent in the workspace could have written it, which is how rules are written. */
function relativeLine(line: string, workspace: string): string {
  // Anything a shell gives a meaning to would have to be followed through quotes; then only the line itself is judged.
  if (!/^[\w./-]+$/.test(workspace) || workspace === '/') return line;
  const named = new RegExp(`(?<=^|[\\s"'=:(<>|&;])${workspace.replaceAll('.', '\\.')}(?=[/\\s"':)|&;]|$)`, 'g');
  return line.replaceAll(named, '.');
}

/** What counts for the answer: everything that was judged, as it was written and as the rules would write it. */
interface Weighed {
  readonly parts: readonly Judged[];
  /** What is said of it where no part restricts it. */
  readonly ruling: Ruling;
}

function weighLine(engine: RuleEngine, line: string, workspace: string): Weighed {
  const ruling = engine.decide(relativeLine(line, workspace));
  const restricting = engine.decide(line).parts.filter(({ rule }) => rule !== null && rule.list !== 'allow');
  return { ruling, parts: [...restricting, ...ruling.parts] };
}

/** Files of the workspace may be read: the agent has them. `Read` rules only take away. */
function mayRead(path: string): boolean {
  return path === '.' || (insideWorkspace(path) !== null && pathProblem(path) === null);
}

function weighPaths(engine: RuleEngine, tool: 'Read' | 'Edit', paths: readonly string[]): Weighed | null {
  const rulings = paths.map((path): Ruling => {
    const ruling = engine.decidePath(tool, path);
    const free = tool === 'Read' && ruling.decision === 'ask' && ruling.rule === null && mayRead(path);
    return free ? { ...ruling, decision: 'allow', why: 'it is a file of the workspace', parts: [] } : ruling;
  });
  const strictness: readonly Decision[] = ['deny', 'ask', 'allow'];
  const ruling = rulings.toSorted((a, b) => strictness.indexOf(a.decision) - strictness.indexOf(b.decision))[0];
  return ruling === undefined ? null : { ruling, parts: rulings.flatMap(({ parts }) => parts) };
}

function weigh(engine: RuleEngine, { use }: PermissionQuestion, workspace: string): Weighed | null {
  switch (use.kind) {
    case 'command':
      return weighLine(engine, use.line, workspace);
    case 'edit':
    case 'read': {
      const paths = use.paths.map((path) => relative(path, workspace));
      return weighPaths(engine, use.kind === 'edit' ? 'Edit' : 'Read', paths);
    }
    case 'fetch': {
      const ruling = engine.decideHost(use.host);
      return { ruling, parts: ruling.parts };
    }
    case 'other':
      return null;
    default:
      return unreachable(use, 'kind of use');
  }
}

function by(decision: PermissionAnswer['decision'], { rule, why }: Pick<Judged, 'rule' | 'why'>): PermissionAnswer {
  return { decision, rule: rule?.rule ?? null, reason: rule?.reason ?? why };
}

/** The first words of the rules that refuse commands, or ask about them. */
function watchedStarts({ deny, ask }: CommandPolicy): readonly (readonly string[])[] {
  return [...deny, ...ask].flatMap(({ rule }) => {
    const reading = readRule(rule, 'folded');
    return reading.ok && reading.rule.tool === 'Bash' ? [literalStart(reading.rule)] : [];
  });
}

/** Whether words that nobody knows before the line runs may make it what a rule is about. */
function mayBeWatched(starts: readonly (readonly string[])[], line: string): boolean {
  if (starts.length === 0) return false;
  return partsOf(line).some((part) => {
    if (part.kind !== 'run') return part.kind === 'doubt';
    return starts.some((start) => {
      const different = start.findIndex((word, at) => part.words[at]?.value !== word);
      const word = part.words[different];
      return word !== undefined && (word.value === null || word.glob);
    });
  });
}

const UNMATCHED = { hold: 'a person has to decide', deny: 'the policy refuses it', allow: 'the policy allows it' };

/** Pure. Rules that cannot be read are left out: a policy that has some is refused when it is read. */
export function createAnswerer(policy: CommandPolicy): Answerer {
  const engine = createRuleEngine(policy);
  // Logs from before there were questions say nothing about this.
  const unmatched = (policy as Partial<CommandPolicy>).unmatched ?? 'hold';
  const watched = watchedStarts(policy);
  return (question, workspace) => {
    const weighed = weigh(engine, question, workspace);
    if (weighed === null) {
      return { decision: unmatched, rule: null, reason: `no rule speaks of it, and ${UNMATCHED[unmatched]}` };
    }
    const { parts, ruling } = weighed;
    const denied = parts.find(({ decision }) => decision === 'deny');
    if (denied !== undefined) return by('deny', denied);
    const asked = parts.find(({ decision, rule }) => decision === 'ask' && rule !== null);
    if (asked !== undefined) return by('hold', asked);
    if (ruling.decision === 'allow') return by('allow', ruling);
    const { use } = question;
    if (unmatched === 'allow' && use.kind === 'command' && mayBeWatched(watched, use.line)) {
      return { decision: 'hold', rule: null, reason: `it may be what a rule is about: ${ruling.why}` };
    }
    return { decision: unmatched, rule: null, reason: `${ruling.why}, and ${UNMATCHED[unmatched]}` };
  };
}
