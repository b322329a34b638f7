/** The examples of the rules on commands, for `policy test`. A file with one that does not hold is refused when it is read. */
import { createRuleEngine, type Decision } from './commands/decide.ts';
import { readRule } from './commands/rule.ts';
import { resolveRules } from './command-rules.ts';
import type { PolicyFile } from './content.ts';

export interface ExaminedRule {
  readonly list: Decision;
  readonly rule: string;
  /** `loopwright.yaml:12`. */
  readonly origin: string;
  readonly examples: readonly ExaminedExample[];
}

export interface ExaminedExample {
  readonly example: string;
  /** What the rule was wanted to do with it, which it does. */
  readonly wanted: 'match' | 'not_match';
  /** What all rules together decide about it: another rule may come first. */
  readonly decision: Decision;
}

/** Pure. In the order in which rules win. Rules without an example are listed too. */
export function examineRules(file: PolicyFile): readonly ExaminedRule[] {
  const origins: Record<string, string> = {};
  const engine = createRuleEngine(resolveRules({ origins }, file));
  return (['deny', 'ask', 'allow'] as const).flatMap((list) =>
    (file.content.commands?.[list] ?? []).map(({ rule, match, not_match }, at) => {
      const reading = readRule(rule, list === 'allow' ? 'exact' : 'folded');
      const tool = reading.ok ? reading.rule.tool : 'Bash';
      const decide = (example: string): Decision => {
        if (tool === 'Bash') return engine.decide(example).decision;
        return (tool === 'WebFetch' ? engine.decideHost(example) : engine.decidePath(tool, example)).decision;
      };
      const examined = (wanted: 'match' | 'not_match', examples: readonly string[] = []): ExaminedExample[] =>
        examples.map((example) => ({ example, wanted, decision: decide(example) }));
      const origin = origins[`commands.${list}.${at}`] ?? file.fileName;
      return { list, rule, origin, examples: [...examined('match', match), ...examined('not_match', not_match)] };
    }),
  );
}
