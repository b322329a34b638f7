/** The section `publish`: where an accepted change is shown to people. Never an address: that is the host's to say. */
import * as z from 'zod';
import { DEFAULT_PUBLISH } from '../core/policy.ts';
import { FORGE_NAMES, FORGE_REPOSITORY } from '../core/publish-event.ts';
import type { PublishSection } from './content.ts';

/** What `git check-ref-format --branch` takes, and nothing that means more than itself. */
const BRANCH = /^(?![-./])(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[\w.+@/#=,%-]{1,200}(?<![./])$/;

const REQUESTS_EXPECTED = 'expected a whole number from 1 to 100';

export const publishSchema: z.ZodType<PublishSection> = z
  .strictObject({
    forge: z
      .enum([...FORGE_NAMES, 'none'])
      .optional()
      .meta({
        description:
          'Where `loopwright land RUN --request` shows a change. Its address and its token are those of the host; see docs/landing.md.',
        default: DEFAULT_PUBLISH.forge,
      }),
    repository: z
      .string()
      .regex(FORGE_REPOSITORY, 'expected `owner/name`, as the forge has it; no address')
      .optional()
      .meta({
        description: 'The repository on that forge.',
        preset: 'what `origin` of the repository names, where that is on the forge of the host',
        examples: ['acme/shop'],
      }),
    target: z
      .string()
      .regex(BRANCH, 'is no name of a branch')
      .optional()
      .meta({
        description: 'The branch a request is for.',
        preset: 'the default branch of the forge',
        examples: ['develop'],
      }),
    'open-requests': z.int(REQUESTS_EXPECTED).min(1, REQUESTS_EXPECTED).max(100, REQUESTS_EXPECTED).optional().meta({
      description:
        'How many requests of loopwright an owner may have open on the repository at a time. A further one waits until somebody looked at one.',
      default: DEFAULT_PUBLISH.openRequests,
    }),
  })
  .meta({ id: 'publish', description: 'Where an accepted change is shown to people.' });
