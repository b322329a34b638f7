/** The section `detectors`. */
import * as z from 'zod';
import { ACTION_DETECTORS } from '../core/policy.ts';
import { DEFAULT_DETECTORS, DETECTOR_ACTIONS } from './classes.ts';
import type { DetectorsSection } from './content.ts';

function detectorCount(least: number, preset: number | 'off', description: string): z.ZodType<number | 'off'> {
  const expected = `expected a whole number from ${least} to 100, or the word \`off\``;
  return z
    .union([z.literal('off'), z.int().min(least, expected).max(100, expected)], { error: expected })
    .meta({ description, default: preset });
}

const action = z.enum(['off', 'note', 'hold', 'stop']);

export const detectorsSchema: z.ZodType<DetectorsSection> = z
  .strictObject({
    'repeated-failure': detectorCount(
      2,
      DEFAULT_DETECTORS.repeatedFailureIterations,
      'Iterations in a row with the same failures before the run stops.',
    ).optional(),
    'no-progress': detectorCount(
      1,
      DEFAULT_DETECTORS.noProgressIterations,
      'Iterations in a row that leave the tree as it was before the run stops.',
    ).optional(),
    'protected-edit': action.optional().meta({
      description:
        'What happens to a change that edits protected files: shown only (`note`), waits for a person (`hold`), ends the run (`stop`).',
      default: DEFAULT_DETECTORS.protectedEdit,
    }),
    actions: z
      .partialRecord(z.enum(ACTION_DETECTORS), action)
      .optional()
      .meta({
        description:
          'What happens when one of these detectors fires, by its id: never looked for (`off`), shown only (`note`), waits for a person when the checks pass (`hold`), or ends the run after the agent was told once (`stop`). Adds to the defaults.',
        default: { ...DETECTOR_ACTIONS },
        examples: [{ 'scratch-files': 'note' }],
      }),
  })
  .meta({ id: 'detectors', description: 'Signs of a run going wrong.' });
