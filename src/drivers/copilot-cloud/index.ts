/** GitHub's coding agent, through the agent tasks API: one task an iteration, all on one branch with one pull request. */
import { z } from 'zod';
import type { Driver } from '../../ports/driver.ts';
import { createCloudDriver } from '../cloud-agent.ts';
import type { CloudHost } from '../cloud-agent.ts';
import type { CloudOptions, CloudVendor } from '../cloud-vendor.ts';
import { branchOption, modelOption, repositoryOption } from '../forge.ts';
import { copilotSessions } from './api.ts';

export interface CopilotCloudOptions extends CloudOptions {
  /** Absent: what GitHub takes by itself. */
  readonly model?: string | undefined;
}

const schema: z.ZodType<CopilotCloudOptions> = z.strictObject({
  repository: repositoryOption,
  branch: branchOption,
  model: modelOption,
});

const copilot: CloudVendor<CopilotCloudOptions> = {
  id: 'copilot-cloud',
  summary: "GitHub's Copilot cloud agent. Not confined and not metered here; judged by the branch of its pull request.",
  schema,
  optionsHelp: '`repository` (owner/name) and if needed `branch`, `model`',
  // The API documents none; budgets are a matter of the account.
  limit: () => null,
  gaps: [
    "its spend: GitHub's API takes no limit for a task, and says afterwards what a session used",
    'its end: GitHub documents no way to end a task by API; one that is cut short may go on and cost',
  ],
  sessions: copilotSessions,
};

export function createCopilotCloudDriver(host: CloudHost): Driver {
  return createCloudDriver(copilot, host);
}
