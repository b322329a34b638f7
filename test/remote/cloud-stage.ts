/** A vendor's cloud on loopback, a forge that serves git over HTTP, and a repository with a red test. */
import { onTestFinished } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { KEY, SLUG } from '../support/cloud/fake-agent.ts';
import type { FakeTurn, FakeVendor, Faults } from '../support/cloud/fake-agent.ts';
import { startForge } from '../support/cloud/forge.ts';
import type { ForgeServer } from '../support/cloud/forge.ts';
import type { CloudSubject } from '../support/cloud/subjects.ts';
import { RIGHT_FIX, SUM, repositoryWith } from '../scenario/harness.ts';
import type { Answer, Environment, Place } from '../scenario/harness.ts';
import { endAll } from '../scenario/undone.ts';

export interface Stage {
  readonly place: Place;
  readonly forge: ForgeServer;
  readonly vendor: FakeVendor;
  readonly env: Environment;
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
}

export interface Wish {
  readonly turns: readonly FakeTurn[];
  readonly faults?: Faults;
}

export async function stage(subject: CloudSubject, { turns, faults = {} }: Wish): Promise<Stage> {
  const forge = await startForge();
  onTestFinished(() => forge.close());
  const policy = `${SUM['loopwright.yaml']}agent:\n  driver: ${subject.id}\n  options: ${JSON.stringify(subject.options)}\n`;
  const place = repositoryWith({ ...SUM, 'loopwright.yaml': policy });
  onTestFinished(() => endAll([place]));
  place.git('push', '--quiet', forge.bare(SLUG), 'main:main');
  const vendor = await subject.start({ forge, turns, faults });
  onTestFinished(() => vendor.close());
  const env = { [subject.keyVariable]: KEY, [subject.urlVariable]: vendor.url, LOOPWRIGHT_GITHUB_URL: forge.url };
  return { place, forge, vendor, env, cli: (...argv) => place.with(env, ...argv) };
}

export function eventsIn({ out }: Answer): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

const WRONG_FIX = 'exports.sum = (a, b) => a * b + 1;\nexports.zero = () => 0;\n';
export const WRONG: FakeTurn = { files: { 'sum.js': WRONG_FIX }, says: 'All done.' };
export const RIGHT: FakeTurn = { files: { 'sum.js': RIGHT_FIX }, says: 'Now it adds.' };
export const RUN = ['run', 'make it add', '--json'] as const;
