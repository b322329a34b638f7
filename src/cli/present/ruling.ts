/** What the rules decide, for a person: the decision, the rule, and every part of the line. */
import type { ExplainedRule, Explanation } from '../../policy/explain-rules.ts';
import { visibleLine } from '../../report/escape.ts';

function ruleLine({ rule, origin, reason }: ExplainedRule): string {
  return `  rule    ${rule}  (${origin})${reason === null ? '' : `\n  reason  ${visibleLine(reason)}`}`;
}

/** Several lines without a trailing line feed. Only text that a terminal shows as it is. */
export function describeRuling({ subject, decision, why, rule, runs }: Explanation): string {
  const parts = runs.map(
    (part) =>
      `  ${part.decision.padEnd(6)}${visibleLine(part.what)}${part.decision === 'allow' ? '' : `\n        ${visibleLine(part.why)}`}`,
  );
  return [
    `${decision}  ${visibleLine(subject)}`,
    `  because ${visibleLine(why)}`,
    ...(rule === null || rule.origin === 'built in' ? [] : [ruleLine(rule)]),
    ...(parts.length === 0 ? [] : ['', 'It would:', ...parts]),
  ].join('\n');
}
