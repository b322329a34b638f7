/**
 * Whole runs of agents in a vendor's cloud: the real engine, real git over HTTP, and vendors on loopback that were built from
 * their public documents.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { CLOUD_SUBJECTS } from '../support/cloud/subjects.ts';
import type { CloudSubject } from '../support/cloud/subjects.ts';
import { KEY, SLUG } from '../support/cloud/fake-agent.ts';
import type { FakeTurn, FakeVendor, Faults } from '../support/cloud/fake-agent.ts';
import { startForge } from '../support/cloud/forge.ts';
import type { ForgeServer } from '../support/cloud/forge.ts';
import { RIGHT_FIX, SUM, repositoryWith } from './harness.ts';
import type { Answer, Environment, Place } from './harness.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Stage {
  readonly place: Place;
  readonly forge: ForgeServer;
  readonly vendor: FakeVendor;
  readonly env: Environment;
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
}

interface Wish {
  readonly turns: readonly FakeTurn[];
  readonly faults?: Faults;
}

async function stage(subject: CloudSubject, { turns, faults = {} }: Wish): Promise<Stage> {
  const forge = await startForge();
  closing.push(() => forge.close());
  const policy = `${SUM['loopwright.yaml']}agent:\n  driver: ${subject.id}\n  options: ${JSON.stringify(subject.options)}\n`;
  const place = repositoryWith({ ...SUM, 'loopwright.yaml': policy });
  closing.push(() => place.remove());
  place.git('push', '--quiet', forge.bare(SLUG), 'main:main');
  const vendor = await subject.start({ forge, turns, faults });
  closing.push(() => vendor.close());
  const env = { [subject.keyVariable]: KEY, [subject.urlVariable]: vendor.url, LOOPWRIGHT_GITHUB_URL: forge.url };
  return { place, forge, vendor, env, cli: (...argv) => place.with(env, ...argv) };
}

function eventsIn({ out }: Answer): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

const WRONG_FIX = 'exports.sum = (a, b) => a * b + 1;\nexports.zero = () => 0;\n';
const WRONG: FakeTurn = { files: { 'sum.js': WRONG_FIX }, says: 'All done.' };
const RIGHT: FakeTurn = { files: { 'sum.js': RIGHT_FIX }, says: 'Now it adds.' };
const RUN = ['run', 'make it add', '--json'] as const;
/** Git over HTTP, a sandbox and waits between looks, on a machine that does other things too. */
const PATIENCE_MS = 240_000;

describe.each(CLOUD_SUBJECTS)('$id', { timeout: PATIENCE_MS }, (subject) => {
  it('fixes it wrongly, hears why, fixes it, is accepted, lands and is undone', async () => {
    const { place, vendor, forge, cli } = await stage(subject, { turns: [WRONG, RIGHT] });
    const before = place.fingerprint();
    const answer = await cli(...RUN);
    expect([answer.code, answer.err]).toEqual([0, expect.anything()]);
    const events = eventsIn(answer);

    expect(vendor.prompts()).toHaveLength(2);
    expect(vendor.prompts()[0]).toContain('make it add');
    expect(vendor.prompts()[1]).toContain('adds');
    expect(vendor.prompts()[1]).toContain('on your branch');
    expect(events.flatMap((event) => (event.type === 'verdict.reached' ? [event.verdict.kind] : []))).toEqual([
      'continue',
      'continue',
      'accept',
    ]);
    expect(events.filter(({ type }) => type === 'branch.offered')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'model.called')).toEqual([]);
    expect(place.fingerprint()).toBe(before);

    const { out: shown } = await cli('show', 'last');
    expect(shown).toContain('NOT CONFINED, NOT METERED');
    const { out: report } = await cli('report', 'last', '--format', 'markdown');
    expect(report).toContain('Nothing here confined or metered the agent.');
    expect(JSON.stringify(events) + shown + report).not.toContain(KEY);

    const main = place.git('rev-parse', 'main');
    const landed = await cli('land', 'last', '--json');
    expect([landed.code, landed.err]).toEqual([0, expect.anything()]);
    const { branch, head } = await place.show();
    expect(place.git('show', `${branch}:sum.js`)).toBe(RIGHT_FIX);
    expect(place.git('rev-parse', `${branch}^`).trim()).toBe(main.trim());
    expect(place.git('rev-parse', branch).trim()).toBe(head);
    expect((await cli('undo', 'last')).code).toBe(0);
    expect(place.git('branch', '--list', branch)).toBe('');
    // Nothing was pushed, and nobody closed what the vendor opened.
    expect(forge.git(SLUG, 'rev-parse', 'main')).toBe(main.trim());
    expect(vendor.ended()).toEqual([]);
  });

  it('canary: a branch that nobody judged would pass with the wrong fix', async () => {
    const { cli, place } = await stage(subject, { turns: [WRONG] });
    const { code } = await cli(...RUN, '--max-iterations', '1');
    expect(code).not.toBe(0);
    const { checks, stopReason } = await place.show();
    expect([stopReason, checks.map(({ conclusion }) => conclusion)]).toEqual(['limit-iterations', ['failure']]);
  });

  it('is refused before anything begins without a key, and when the base is not where it would start', async () => {
    const { place, cli, env, vendor } = await stage(subject, { turns: [RIGHT] });
    const keyless = await place.with({ ...env, [subject.keyVariable]: '' }, ...RUN);
    expect([keyless.code, keyless.err]).toEqual([20, expect.stringContaining('LW_KEY_UNAVAILABLE')]);
    const metered = await cli(...RUN, '--max-cost', '1');
    expect([metered.code, metered.err]).toEqual([2, expect.stringContaining('LW_LIMIT_UNENFORCEABLE')]);
    place.commit('not pushed', { 'new.txt': 'new\n' });
    const ahead = await cli(...RUN);
    expect([ahead.code, ahead.err]).toEqual([2, expect.stringContaining('LW_BASE_NOT_ON_REMOTE')]);
    expect(ahead.err).toContain('loopwright pushes nothing');
    expect(vendor.sessions()).toEqual([]);
  });

  it('is ended, and that is said, when a person stops the run', async () => {
    const { cli, vendor } = await stage(subject, { turns: [{ ends: 'never' }] });
    const running = cli(...RUN);
    await expect.poll(() => vendor.sessions().length, { timeout: 60_000 }).toBe(1);
    await expect
      .poll(async () => (await cli('log', 'last', '--json')).out, { timeout: 60_000 })
      .toContain('session.asked');
    expect((await cli('stop', 'last')).code).toBe(0);
    const answer = await running;
    expect(answer.code).toBe(130);
    const ends = eventsIn(answer).flatMap((event) => (event.type === 'session.ended' ? [event.how] : []));
    expect(ends).toEqual([subject.canEnd ? 'terminated' : 'left-running']);
    expect(vendor.ended()).toHaveLength(subject.canEnd ? 1 : 0);
  });
});
