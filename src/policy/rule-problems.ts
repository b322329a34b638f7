/** Rules that would never decide anything, or not what their examples say: errors when the policy is read. */
import { createRuleEngine, type Decision, type Ruling } from './commands/decide.ts';
import { neverUnderWildcard } from './commands/profiles/index.ts';
import { literalStart, readRule, subsumes, type Rule } from './commands/rule.ts';
import type { CommandsSection, PolicyContent, RuleSection } from './content.ts';
import type { SchemaProblem } from './schema-problems.ts';
import type { Path } from './yaml-tree.ts';

/** In the order in which they win. */
const LISTS = ['deny', 'ask', 'allow'] as const satisfies readonly Decision[];

interface Placed {
  readonly list: Decision;
  readonly at: number;
  readonly section: RuleSection;
  readonly rule: Rule;
}

const pathOf = ({ list, at }: Pick<Placed, 'list' | 'at'>): Path => ['commands', list, at];

function problem(path: Path, message: string): SchemaProblem {
  return { path, at: 'value', message };
}

/** What `list` does, as the middle of a sentence. */
const DOES: Readonly<Record<Decision, string>> = { deny: 'refuses', ask: 'asks about', allow: 'allows' };

function ofNoUse({ list, section, rule, ...place }: Placed): SchemaProblem | null {
  if (list !== 'allow' || rule.tool !== 'Bash' || rule.writtenOut) return null;
  const why = neverUnderWildcard(literalStart(rule));
  if (why === null) return null;
  return problem(
    [...pathOf({ list, ...place }), 'rule'],
    `\`${section.rule}\` never allows anything, because no wildcard covers words of this program (${why}); write each command out`,
  );
}

/** A rule that another one is always quicker than. */
function shadowed(one: Placed, others: readonly Placed[]): SchemaProblem | null {
  const rank = LISTS.indexOf(one.list);
  const shadow = others.find((other) => {
    if (other === one || LISTS.indexOf(other.list) > rank || !subsumes(other.rule, one.rule)) return false;
    if (other.list !== one.list) return true;
    // Within a list the wider rule makes the narrower one idle, but for `allow`: a rule that says more covers more.
    const same = subsumes(one.rule, other.rule);
    return same ? other.at < one.at : one.list !== 'allow';
  });
  if (shadow === undefined) return null;
  const where = `\`commands.${shadow.list}\` ${DOES[shadow.list]} everything it matches with \`${shadow.section.rule}\``;
  return problem([...pathOf(one), 'rule'], `\`${one.section.rule}\` never decides: ${where}; remove one of the two`);
}

function decided(ruling: Ruling, list: Decision): boolean {
  if (list === 'allow') return ruling.decision === 'allow';
  return ruling.parts.some((part) => part.rule?.list === list && part.rule.at !== null);
}

/** What the rule alone says about an example, which is a command, a path or a host, as its tool has it. */
function judge(one: Placed, example: string): Ruling {
  const none = { deny: [], ask: [], allow: [] };
  const engine = createRuleEngine({ ...none, [one.list]: [{ rule: one.section.rule, reason: null }] });
  if (one.rule.tool === 'Bash') return engine.decide(example);
  return one.rule.tool === 'WebFetch' ? engine.decideHost(example) : engine.decidePath(one.rule.tool, example);
}

function exampleProblems(one: Placed): readonly SchemaProblem[] {
  const wanted = (one.section.match ?? []).flatMap((example, at) => {
    const ruling = judge(one, example);
    // A refusal that is built in comes before every rule, and refuses as well.
    if (decided(ruling, one.list) || (one.list === 'deny' && ruling.decision === 'deny')) return [];
    const message = `\`${one.section.rule}\` does not match its example \`${example}\`: ${ruling.why}`;
    return [problem([...pathOf(one), 'match', at], message)];
  });
  const unwanted = (one.section.not_match ?? []).flatMap((example, at) => {
    if (!decided(judge(one, example), one.list)) return [];
    return [
      problem([...pathOf(one), 'not_match', at], `\`${one.section.rule}\` matches \`${example}\`, which it must not`),
    ];
  });
  return [...wanted, ...unwanted];
}

function placedRules(section: CommandsSection): {
  readonly rules: readonly Placed[];
  readonly problems: readonly SchemaProblem[];
} {
  const rules: Placed[] = [];
  const problems: SchemaProblem[] = [];
  for (const list of LISTS) {
    for (const [at, rule] of (section[list] ?? []).entries()) {
      const reading = readRule(rule.rule, list === 'allow' ? 'exact' : 'folded');
      if (reading.ok) rules.push({ list, at, section: rule, rule: reading.rule });
      else problems.push(problem([...pathOf({ list, at }), 'rule'], `\`${rule.rule}\`: ${reading.problem}`));
    }
  }
  return { rules, problems };
}

/** Checks are a person's own words and need no rule that allows them; but nobody can mean both of these. */
function forbiddenChecks({ checks, commands }: PolicyContent): readonly SchemaProblem[] {
  const deny = (commands?.deny ?? []).map(({ rule }) => ({ rule, reason: null }));
  const engine = createRuleEngine({ deny, ask: [], allow: [] });
  return Object.entries(checks ?? {}).flatMap(([id, { run }]) => {
    const forbidden = engine.decide(run).parts.find(({ rule }) => rule?.list === 'deny' && rule.at !== null);
    if (forbidden === undefined) return [];
    const message = `the check \`${id}\` runs \`${forbidden.what}\`, which \`commands.deny\` refuses with \`${forbidden.rule?.rule ?? ''}\`; change one of the two`;
    return [problem(['checks', id, 'run'], message)];
  });
}

export function ruleProblems(content: PolicyContent): readonly SchemaProblem[] {
  const { commands } = content;
  if (commands === undefined) return [];
  const { rules, problems } = placedRules(commands);
  return [
    ...problems,
    ...forbiddenChecks(content),
    ...rules.flatMap((one) => {
      const idle = ofNoUse(one) ?? shadowed(one, rules);
      return idle === null ? exampleProblems(one) : [idle];
    }),
  ];
}
