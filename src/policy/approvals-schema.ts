/** The section `approvals`: what a decision of a person has to be before it counts. */
import * as z from 'zod';
import { DEFAULT_APPROVALS } from '../core/approval.ts';
import type { ApprovalsSection } from './content.ts';
import { formatDuration, parseDuration } from './quantities.ts';
import { quantity } from './schema-forms.ts';

function time(preset: number, description: string): z.ZodType<number> {
  return quantity(
    (written) => {
      const parsed = parseDuration(written);
      if (!parsed.ok || parsed.value >= 1_000) return parsed;
      return { ok: false, problem: 'expected at least one second: nobody could use it before it is over' };
    },
    'expected a duration such as `7d`',
    { description, default: formatDuration(preset), examples: ['12h', '7d'], kind: 'duration' },
  );
}

export const approvalsSchema: z.ZodType<ApprovalsSection> = z
  .strictObject({
    signed: z.boolean().optional().meta({
      description:
        'Approvals count only with a signature by a key that `approvers`, a file of the host, or else `.loopwright/approvers` of the base revision gives to that name. docs/people.md says how.',
      default: DEFAULT_APPROVALS.signed,
    }),
    expire: time(
      DEFAULT_APPROVALS.expireMs,
      'How long an approval counts. A change that has not landed by then waits again.',
    ).optional(),
    'other-than-operator': z.boolean().optional().meta({
      description: 'An approval by whoever started the run does not count. Only as good as a name without `signed`.',
      default: DEFAULT_APPROVALS.otherThanOperator,
    }),
    remind: time(
      DEFAULT_APPROVALS.remindMs,
      'How long a change waits before `loopwright remind` names who has to be told; after as long again the owners of its zones too.',
    ).optional(),
  })
  .meta({ id: 'approvals', description: 'What the decision of a person has to be before it counts.' });
