/** The agents in a vendor's cloud, each with its fake: what is the same for all of them is tested over this list. */
import type { CloudHost } from '../../../src/drivers/cloud-agent.ts';
import { createCopilotCloudDriver } from '../../../src/drivers/copilot-cloud/index.ts';
import { createCursorCloudDriver } from '../../../src/drivers/cursor-cloud/index.ts';
import { createDevinDriver } from '../../../src/drivers/devin/index.ts';
import type { Driver } from '../../../src/ports/driver.ts';
import { SLUG } from './fake-agent.ts';
import type { FakeVendor, Script } from './fake-agent.ts';
import { startFakeCopilot } from './fake-copilot.ts';
import { startFakeCursor } from './fake-cursor.ts';
import { ORGANIZATION, startFakeDevin } from './fake-devin.ts';

export interface CloudSubject {
  readonly id: string;
  readonly driver: (host: CloudHost) => Driver;
  readonly options: Readonly<Record<string, unknown>>;
  readonly invalidOptions: readonly Readonly<Record<string, unknown>>[];
  readonly keyVariable: string;
  readonly urlVariable: string;
  /** Its documents name a way to end what is under way. */
  readonly canEnd: boolean;
  /** Its sessions take more than one prompt. */
  readonly followsUp: boolean;
  /** It says what a session cost. */
  readonly tellsSpend: boolean;
  readonly start: (script: Script) => Promise<FakeVendor>;
}

export const CLOUD_SUBJECTS: readonly CloudSubject[] = [
  {
    id: 'devin',
    driver: createDevinDriver,
    options: { repository: SLUG, organization: ORGANIZATION },
    invalidOptions: [{ repository: SLUG }, { repository: SLUG, organization: 'org-acme', 'max-acu': 0 }],
    keyVariable: 'DEVIN_API_KEY',
    urlVariable: 'LOOPWRIGHT_DEVIN_URL',
    canEnd: true,
    followsUp: true,
    tellsSpend: true,
    start: startFakeDevin,
  },
  {
    id: 'cursor-cloud',
    driver: createCursorCloudDriver,
    options: { repository: SLUG },
    invalidOptions: [{ repository: SLUG, model: 'two words' }],
    keyVariable: 'CURSOR_API_KEY',
    urlVariable: 'LOOPWRIGHT_CURSOR_URL',
    canEnd: true,
    followsUp: true,
    tellsSpend: false,
    start: startFakeCursor,
  },
  {
    id: 'copilot-cloud',
    driver: createCopilotCloudDriver,
    options: { repository: SLUG },
    invalidOptions: [{ repository: SLUG, model: '' }],
    keyVariable: 'GITHUB_TOKEN',
    urlVariable: 'LOOPWRIGHT_GITHUB_API_URL',
    canEnd: false,
    followsUp: false,
    tellsSpend: true,
    start: startFakeCopilot,
  },
];
