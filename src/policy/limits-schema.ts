/** The section `limits`: ceilings of a run, and of a day over runs. */
import * as z from 'zod';
import type { Ceiling, LimitName } from '../core/limit.ts';
import type { DailyCostLimits } from '../core/spend.ts';
import { DEFAULT_DAILY_COST_USD, DEFAULT_EGRESS_BYTES, DEFAULT_LIMITS } from './classes.ts';
import type { DailyCostSection, LimitsSection } from './content.ts';
import { LIMIT_FORMS, parseCeiling } from './limit-quantities.ts';
import { formatBytes, parseBytes, UNLIMITED, type Parsed } from './quantities.ts';
import { quantity } from './schema-forms.ts';

function limit(limitName: LimitName, examples: readonly (string | number)[], description: string): z.ZodType<Ceiling> {
  const form = LIMIT_FORMS[limitName];
  return quantity(
    (written) => parseCeiling(limitName, written),
    `expected ${form.expects}, or the word \`unlimited\``,
    {
      description,
      default: form.write(DEFAULT_LIMITS[limitName]),
      examples: [...examples, 'unlimited'],
      kind: `${form.kind} or \`unlimited\``,
    },
  );
}

/** Written as `limits.cost-usd` is. */
function daily(scope: keyof DailyCostLimits, description: string): z.ZodType<Ceiling> {
  const form = LIMIT_FORMS.costUsd;
  return quantity(
    (written) => parseCeiling('costUsd', written),
    `expected ${form.expects}, or the word \`unlimited\``,
    {
      description,
      default: form.write(DEFAULT_DAILY_COST_USD[scope]),
      examples: ['unlimited'],
      kind: `${form.kind} or \`unlimited\``,
    },
  );
}

/** A ceiling of the proxy, which refuses beyond it, and not one that ends a run. */
function parseEgress(written: string | number): Parsed<Ceiling> {
  if (typeof written === 'string' && written.trim() === UNLIMITED) return { ok: true, value: UNLIMITED };
  return parseBytes(written);
}

const dailySchema: z.ZodType<DailyCostSection> = z
  .strictObject({
    class: daily('class', 'US dollars a day for all runs of one task class of one repository.').optional(),
    repository: daily('repository', 'US dollars a day for all runs of one repository.').optional(),
    all: daily('all', 'US dollars a day for all runs of this state directory.').optional(),
  })
  .meta({
    description:
      'Ceilings over runs, by UTC day. A call is held against each of them, and each run is held to what its own policy says.',
  });

export const limitsSchema: z.ZodType<LimitsSection> = z
  .strictObject({
    iterations: limit('iterations', [5], 'Passes of drive, collect, check and judge.').optional(),
    'wall-time': limit(
      'wallTimeMs',
      ['30m', '2h'],
      'Active time of the run; waiting for a person does not count.',
    ).optional(),
    idle: limit('idleMs', ['10m'], 'Time without any output of the agent before its turn is ended.').optional(),
    'changed-files': limit(
      'changedFiles',
      [50],
      'Files that differ from the base. A larger change is never accepted.',
    ).optional(),
    'changed-lines': limit('changedLines', [1500], 'Added plus removed lines against the base.').optional(),
    output: limit('outputBytes', ['16 MiB'], 'What the agent writes to its output, over the whole run.').optional(),
    tokens: limit(
      'tokens',
      ['2M'],
      'All tokens of all model calls: input, output, and what is read from a cache or written to one.',
    ).optional(),
    'cost-usd': limit('costUsd', [5, 0.5], 'US dollars for model calls, at declared prices.').optional(),
    'egress-bytes': quantity(parseEgress, 'expected a size such as `1 GiB`, or the word `unlimited`', {
      description: 'What passes the egress proxy, both ways, over the whole run. More is refused; the run goes on.',
      default: formatBytes(DEFAULT_EGRESS_BYTES),
      examples: ['100 MiB', 'unlimited'],
      kind: 'size or `unlimited`',
    }).optional(),
    'daily-cost-usd': dailySchema.optional(),
  })
  .meta({
    id: 'limits',
    description: 'Ceilings. Each has a finite default; no ceiling is spelled `unlimited`.',
  });
