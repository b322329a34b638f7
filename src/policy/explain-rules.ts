/** What the rules of a policy file decide, with the line of the rule that decides. */
import { createRuleEngine, type Decision, type DecidingRule, type Judged, type Ruling } from './commands/decide.ts';
import { resolveRules } from './command-rules.ts';
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

/** Pure. `file` null: there is no policy, so that everything is asked about. */
export function explainRules(file: PolicyFile | null, as: Exclude<Subject, 'host'>, subject: string): Explanation {
  const origins: Record<string, string> = {};
  const engine = createRuleEngine(resolveRules({ origins }, file));
  const explained = (rule: DecidingRule | null): ExplainedRule | null => {
    if (rule === null) return null;
    const origin = rule.at === null ? undefined : origins[`commands.${rule.list}.${rule.at}`];
    return { ...rule, origin: origin ?? 'built in' };
  };
  const part = ({ decision, what, why, rule }: Judged): ExplainedPart => ({
    decision,
    what,
    why,
    rule: explained(rule),
  });
  const ruling = ((): Ruling => {
    if (as === 'command') return engine.decide(subject);
    if (as === 'fetch') return engine.decideHost(subject);
    return engine.decidePath(as === 'read' ? 'Read' : 'Edit', subject);
  })();
  const { decision, why, rule, parts } = ruling;
  return { subject, as, decision, why, rule: explained(rule), runs: parts.map(part) };
}
