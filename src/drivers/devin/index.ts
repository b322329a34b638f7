/** Devin, through its v3 API for organisations: one session a run, follow-up messages, pull requests. */
import { z } from 'zod';
import type { Driver } from '../../ports/driver.ts';
import { createCloudDriver } from '../cloud-agent.ts';
import type { CloudHost } from '../cloud-agent.ts';
import type { CloudOptions, CloudVendor } from '../cloud-vendor.ts';
import { branchOption, repositoryOption } from '../forge.ts';
import { devinSessions } from './api.ts';

export interface DevinOptions extends CloudOptions {
  readonly organization: string;
  /** Agent Compute Units, Devin's unit of billing. */
  readonly 'max-acu': number;
}

const schema: z.ZodType<DevinOptions> = z.strictObject({
  repository: repositoryOption,
  branch: branchOption,
  organization: z
    .string('has to be given: the id of the organisation at Devin, `org-...`')
    .regex(/^org-[\w-]{1,100}$/, 'is no id of an organisation: `org-...`'),
  // Documented as a positive whole number. Every limit here is on without being asked for.
  'max-acu': z.int('is no whole number').min(1).max(10_000).default(10),
});

const devin: CloudVendor<DevinOptions> = {
  id: 'devin',
  summary: "Devin, in Cognition's cloud. Not confined and not metered here; judged by the pull request it opens.",
  schema,
  optionsHelp: '`repository` (owner/name), `organization` (org-...) and if needed `branch`, `max-acu`',
  limit: (options) => ({ unit: 'ACU', amount: options['max-acu'] }),
  gaps: ['its spend: the ACU limit is handed to Devin, which says what it used and stops by itself'],
  sessions: devinSessions,
};

export function createDevinDriver(host: CloudHost): Driver {
  return createCloudDriver(devin, host);
}
