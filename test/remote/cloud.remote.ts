/**
 * Whole runs of agents in a vendor's cloud: the real engine, real git over HTTP, and vendors on loopback that were built from
 * their public documents.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { CLOUD_SUBJECTS } from '../support/cloud/subjects.ts';
import { KEY, SLUG } from '../support/cloud/fake-agent.ts';
import type { Offering } from '../support/cloud/fake-agent.ts';
import { eventsIn, RIGHT, RUN, stage, WRONG } from './cloud-stage.ts';
import { RIGHT_FIX, SUM, repositoryWith } from '../scenario/harness.ts';

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

  it('canary: the wrong fix alone is not accepted, whatever the agent says: its branch is what is judged', async () => {
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

describe('a branch that is not what it should be', { timeout: PATIENCE_MS }, () => {
  const [devin] = CLOUD_SUBJECTS;
  if (devin === undefined) throw new Error('there is no subject');

  const NOT_TAKEN: readonly (readonly [Offering, string])[] = [
    ['orphan', 'its history does not contain the base'],
    ['missing', 'the remote repository has no such branch'],
    ['other-repository', 'the agent offered no branch'],
    ['nowhere', 'the agent offered no branch'],
  ];

  it.each(NOT_TAKEN)('is no change, and the agent hears why: %s', async (offers, why) => {
    const { cli, vendor, place } = await stage(devin, { turns: [{ ...RIGHT, offers }] });
    const { code } = await cli(...RUN, '--max-iterations', '2');
    expect(code).not.toBe(0);
    const { outcome, usage, findings } = await place.show();
    expect([outcome, usage.changedFiles]).toEqual(['not-accepted', 0]);
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringContaining(why));
    expect(vendor.prompts()[1]).toContain(why);
  });

  it('that was rewritten is judged as it is now, and a person is told', async () => {
    const { cli, place } = await stage(devin, { turns: [WRONG, { ...RIGHT, offers: 'rewritten' }] });
    expect((await cli(...RUN)).code).toBe(0);
    const { findings } = await place.show();
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringContaining('the branch was rewritten'));
  });

  it('that weakens a protected test does not help it', async () => {
    const weak = { 'sum.test.js': 'process.exit(0);\n' };
    const { cli, place } = await stage(devin, { turns: [{ files: weak }] });
    expect((await cli(...RUN, '--max-iterations', '1')).code).not.toBe(0);
    expect((await place.show()).outcome).toBe('not-accepted');
  });

  it('that leaves the scope of the policy is refused like any other change', async () => {
    const { cli, place, forge } = await stage(devin, {
      turns: [{ files: { 'sum.js': RIGHT_FIX, '.github/x.yml': 'a: 1\n' } }],
    });
    const policy = place.git('show', 'HEAD:loopwright.yaml');
    place.commit('scope', { 'loopwright.yaml': `${policy}paths:\n  allow: ['*.js']\n` });
    place.git('push', '--quiet', forge.bare(SLUG), 'main:main');
    expect((await cli(...RUN, '--max-iterations', '1')).code).not.toBe(0);
    expect((await place.show()).outcome).toBe('not-accepted');
  });
});

describe('the list of agents', () => {
  it('names those in a cloud with their login and with what is enforced for them, and never a key', async () => {
    const place = repositoryWith(SUM);
    onTestFinished(() => place.remove());
    const env = { DEVIN_API_KEY: KEY };
    const { out } = await place.with(env, 'agents', '--json');
    const { agents } = JSON.parse(out) as { agents: readonly Record<string, unknown>[] };
    const cloud = agents.filter(({ installed }) => installed === 'not needed');
    expect(cloud.map(({ id, login, enforced }) => [id, login, enforced])).toEqual([
      ['copilot-cloud', { variable: 'GITHUB_TOKEN', set: false }, 'only judging'],
      ['cursor-cloud', { variable: 'CURSOR_API_KEY', set: false }, 'only judging'],
      ['devin', { variable: 'DEVIN_API_KEY', set: true }, 'only judging'],
    ]);
    const { out: table } = await place.with(env, 'agents');
    expect(table).toMatch(/devin +not needed .*only judging/);
    expect(out + table).not.toContain(KEY);
  });
});
