/** The section `commands`: rules on what is run, written, read and fetched, in the form `Tool(specifier)`. */
import * as z from 'zod';
import type { CommandsSection, RuleSection } from './content.ts';
import { oneLine, text } from './schema-forms.ts';

/** Far above what a person keeps in the head; keeps comparing each rule with each other one cheap. */
const MAX_RULES = 200;
const MAX_EXAMPLES = 20;

const ruleText = text((value) => {
  if (value.trim() === '') return 'the rule is empty';
  return value.length > 500 ? `the rule has ${value.length} characters; at most 500 fit` : null;
});

const examples = (description: string): z.ZodType<string[] | undefined> =>
  z
    .array(z.string())
    .min(1, 'an empty list proves nothing; give an example, or remove the key')
    .max(MAX_EXAMPLES, `more than ${MAX_EXAMPLES} examples`)
    .optional()
    .meta({ description });

const ruleSchema: z.ZodType<RuleSection> = z.union(
  [
    ruleText.transform((rule) => ({ rule })),
    z.strictObject({
      rule: ruleText.meta({ description: 'The rule.', examples: ['Bash(npm run test:*)'] }),
      reason: oneLine('the reason', 300).optional().meta({ description: 'Why it is there; shown when it decides.' }),
      match: examples('Commands, paths or hosts that the rule has to decide. Checked when the policy is read.'),
      not_match: examples('Those that it must not decide.'),
    }),
  ],
  { error: 'expected a rule such as `Bash(npm test *)`, or a map with `rule`' },
);

const list = (description: string, example: string): z.ZodType<RuleSection[] | undefined> =>
  z
    .array(ruleSchema)
    .max(MAX_RULES, `more than ${MAX_RULES} rules; use wider ones`)
    .optional()
    .meta({ description, preset: 'none', kind: 'list of rules', examples: [[example]] });

export const commandsSchema: z.ZodType<CommandsSection> = z
  .strictObject({
    allow: list(
      'Rules for what may happen without anybody being asked. A wildcard covers words that are known to be harmless; what else a command can be told has to be written in the rule.',
      'Bash(npm test *)',
    ),
    ask: list('Rules for what a person is asked about. Wins over `allow`.', 'Bash(git push *)'),
    deny: list('Rules for what never happens. Wins over both.', 'Read(.env)'),
    unmatched: z.enum(['hold', 'deny', 'allow']).optional().meta({
      description:
        'What an agent that asks is told about what no rule decides: a person has to (`hold`), no (`deny`), or yes, and the sandbox is the fence (`allow`).',
      preset: '`allow` where there is a sandbox and no `allow` rule; else `hold`',
    }),
    unasked: z.enum(['run', 'refuse']).optional().meta({
      description:
        'An agent that does not ask, under `ask` rules: it runs, and what it can be kept from by rules of its own is refused (`run`); or the run is refused (`refuse`).',
      default: 'run',
    }),
  })
  .meta({
    description:
      'What commands may run, in the form `Tool(specifier)` with the tools `Bash`, `Edit`, `Read` and `WebFetch`. What no rule decides is `unmatched`.',
  });
