/** The section `detectors`. */
import * as z from 'zod';
import { STEP_DETECTORS } from '../core/detectors/steps/index.ts';
import { ACTION_DETECTORS } from '../core/policy.ts';
import { DEFAULT_DETECTORS, DETECTOR_ACTIONS } from './classes.ts';
import type { DetectorsSection } from './content.ts';

function detectorCount(least: number, preset: number | 'off', description: string): z.ZodType<number | 'off'> {
  const expected = `expected a whole number from ${least} to 100, or the word \`off\``;
  return z
    .union([z.literal('off'), z.int().min(least, expected).max(100, expected)], { error: expected })
    .meta({ description, default: preset });
}

const STEP_IDS = STEP_DETECTORS.map(({ id }) => id);

const STEPS_EXPECTED = 'expected a whole number of at least 2, or the word `off`';

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
    steps: z
      .partialRecord(
        z.enum(STEP_IDS),
        z.union([z.literal('off'), z.int().min(2, STEPS_EXPECTED)], { error: STEPS_EXPECTED }),
      )
      .superRefine((written, context) => {
        for (const { id, most } of STEP_DETECTORS) {
          const count = written[id];
          if (typeof count !== 'number' || count <= most) continue;
          const message = `${id} can count to ${most} at most; ${count} would never stop anything: write \`off\` for that`;
          context.addIssue({ code: 'custom', path: [id], message });
        }
      })
      .optional()
      .meta({
        description:
          'Counts at which the detectors over the steps of a turn end it and, where the checks do not pass, the run; by id. The agent is warned before. Adds to the defaults.',
        default: Object.fromEntries(STEP_DETECTORS.map(({ id, stopsAt }) => [id, stopsAt])),
        examples: [{ 'error-streak': 15 }],
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
