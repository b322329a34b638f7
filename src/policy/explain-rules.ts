/** What the rules of a policy file decide, with the line of the rule that decides. */
import type { CommandPolicy } from '../core/command-rule.ts';
import type { ToolUse } from '../core/permission.ts';
import { createAnswerer } from './commands/answer.ts';
import { createRuleEngine, type Decision, type DecidingRule, type Judged, type Ruling } from './commands/decide.ts';
import { resolveCommands } from './command-rules.ts';
import type { PolicyFile } from './content.ts';

export type Subject = 'command' | 'read' | 'edit' | 'fetch' | 'host';

export interface ExplainedRule extends DecidingRule {
  /** `loopwright.yaml:12`; `built in` for what no policy can allow. */
  readonly origin: string;
}

export interface ExplainedPart {
  readonly decision: Decision;
  readonly what: string;
  readonly why: string;
  readonly rule: ExplainedRule | null;
}

export interface Explanation {
  readonly subject: string;
  readonly as: Subject;
  readonly decision: Decision;
  readonly why: string;
  readonly rule: ExplainedRule | null;
  /** Everything the subject would do, in the order it is written. */
  readonly runs: readonly ExplainedPart[];
}

const DECIDED = { allow: 'allow', deny: 'deny', hold: 'ask' } as const;
const UNMATCHED = { allow: 'is allowed', deny: 'is refused', hold: 'is asked about' } as const;
/** Where the workspace stands for the rules; a subject is written relative to it. */
const WORKSPACE = '/workspace';

function useOf(as: Exclude<Subject, 'host'>, subject: string): ToolUse {
  if (as === 'command') return { kind: 'command', line: subject };
  return as === 'fetch' ? { kind: 'fetch', host: subject } : { kind: as, paths: [subject] };
}

function rulingOf(policy: CommandPolicy, as: Exclude<Subject, 'host'>, subject: string): Ruling {
  const engine = createRuleEngine(policy);
  if (as === 'command') return engine.decide(subject);
  if (as === 'fetch') return engine.decideHost(subject);
  return engine.decidePath(as === 'read' ? 'Read' : 'Edit', subject);
}

/** No rule speaks of it: `unmatched` decides. */
function isUnmatched({ decision, rule }: Pick<Judged, 'decision' | 'rule'>): boolean {
  return decision === 'ask' && rule === null;
}

/**
 * What an agent of a run that asks is told, what no rule decides included. Pure. `file` null: there is no policy, and a run
 * has what is preset.
 */
export function explainRules(file: PolicyFile | null, as: Exclude<Subject, 'host'>, subject: string): Explanation {
  const origins: Record<string, string> = {};
  const policy = resolveCommands({ origins }, file, file?.content.sandbox ?? 'bubblewrap');
  const explained = (rule: DecidingRule | null): ExplainedRule | null => {
    if (rule === null) return null;
    const origin = rule.at === null ? undefined : origins[`commands.${rule.list}.${rule.at}`];
    return { ...rule, origin: origin ?? 'built in' };
  };
  const ruling = rulingOf(policy, as, subject);
  const question = { tool: as, use: useOf(as, subject), input: '' };
  const told = createAnswerer(policy)(question, WORKSPACE);
  const decision = DECIDED[told.decision];
  // In a line that a rule refuses, the other parts are what they would be alone.
  const unspoken = isUnmatched(ruling) ? decision : DECIDED[policy.unmatched];
  const part = (judged: Judged): ExplainedPart => ({
    decision: isUnmatched(judged) ? unspoken : judged.decision,
    what: judged.what,
    why: judged.why,
    rule: explained(judged.rule),
  });
  const { unmatched } = policy;
  const isPreset = !isUnmatched(ruling) || (unmatched === 'hold' && decision === 'ask');
  const byUnmatched = `${ruling.why}; what no rule decides ${UNMATCHED[unmatched]}: \`commands.unmatched\` is \`${unmatched}\` (${origins['commands.unmatched'] ?? 'default'})`;
  const byPreset = told.reason.startsWith(ruling.why) ? byUnmatched : told.reason;
  return {
    subject,
    as,
    decision,
    why: isPreset ? ruling.why : byPreset,
    rule: explained(ruling.rule),
    runs: ruling.parts.map(part),
  };
}
