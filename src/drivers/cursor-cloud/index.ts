/** Cursor's cloud agents, through the Cloud Agents API v1: one agent a run, follow-up runs, branches. */
import { z } from 'zod';
import type { Driver } from '../../ports/driver.ts';
import { createCloudDriver } from '../cloud-agent.ts';
import type { CloudHost } from '../cloud-agent.ts';
import type { CloudOptions, CloudVendor } from '../cloud-vendor.ts';
import { branchOption, modelOption, repositoryOption } from '../forge.ts';
import { cursorSessions } from './api.ts';

export interface CursorCloudOptions extends CloudOptions {
  /** Absent: what the account has as its default. */
  readonly model?: string | undefined;
}

const schema: z.ZodType<CursorCloudOptions> = z.strictObject({
  repository: repositoryOption,
  branch: branchOption,
  model: modelOption,
});

const cursor: CloudVendor<CursorCloudOptions> = {
  id: 'cursor-cloud',
  summary: 'A cloud agent of Cursor. Not confined and not metered here; judged by the branch it pushes.',
  schema,
  optionsHelp: '`repository` (owner/name) and if needed `branch`, `model`',
  // The API documents none.
  limit: () => null,
  gaps: ["its spend: Cursor's API takes no limit and this driver reads no usage; limits are in Cursor's dashboard"],
  sessions: cursorSessions,
};

export function createCursorCloudDriver(host: CloudHost): Driver {
  return createCloudDriver(cursor, host);
}
