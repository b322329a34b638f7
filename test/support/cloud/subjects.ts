/** The agents in a vendor's cloud, each with its fake: what is the same for all of them is tested over this list. */
import type { CloudHost } from '../../../src/drivers/cloud-agent.ts';
import { createDevinDriver } from '../../../src/drivers/devin/index.ts';
import type { Driver } from '../../../src/ports/driver.ts';
import { SLUG } from './fake-agent.ts';
import type { FakeVendor, Script } from './fake-agent.ts';
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
];
