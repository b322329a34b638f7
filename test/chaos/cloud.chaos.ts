/** A supervisor that is killed while an agent works in a vendor's cloud. Real processes, and the time a lease takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventsIn, RIGHT, RUN, stage } from '../remote/cloud-stage.ts';
import type { Answer } from '../scenario/harness.ts';
import { CLOUD_SUBJECTS } from '../support/cloud/subjects.ts';

/** From its sources: what dies here is a process, not a build. */
const MAIN = `const { main } = await import(${JSON.stringify(new URL('../../src/cli/main.ts', import.meta.url).href)}); await main(process.argv.slice(1));`;

describe.each(CLOUD_SUBJECTS)('$id', (subject) => {
  it('whose supervisor dies goes on in the same session when the run is resumed, and is not asked again', async () => {
    let ready = false;
    const { place, cli, env, vendor } = await stage(subject, { turns: [{ ...RIGHT, ready: () => ready }] });
    const known = { PATH: process.env['PATH'], HOME: place.home, LOOPWRIGHT_HOME: place.home };
    const supervisor = spawn(process.execPath, ['--input-type=module', '--eval', MAIN, '--', ...RUN], {
      cwd: place.root,
      env: { ...known, ...env },
      stdio: 'ignore',
    });
    const dead = once(supervisor, 'exit');
    onTestFinished(() => void supervisor.kill('SIGKILL'));
    const log = async (): Promise<string> => (await cli('log', 'last', '--json')).out;
    await expect.poll(log, { timeout: 90_000, interval: 500 }).toContain('session.asked');
    supervisor.kill('SIGKILL');
    await dead;
    ready = true;
    // The lease of a dead process takes its time.
    let answer: Answer = { code: 2, out: '', err: '' };
    const resumed = async (): Promise<number> => {
      answer = await cli('resume', 'last', '--json');
      return answer.code;
    };
    await expect.poll(resumed, { timeout: 120_000, interval: 2_000 }).not.toBe(2);
    expect([answer.code, answer.err]).toEqual([0, expect.anything()]);
    expect([vendor.sessions().length, vendor.prompts().length, vendor.ended()]).toEqual([1, 1, []]);
    const ends = eventsIn(answer).flatMap((event) => (event.type === 'turn.finished' ? [event.end.kind] : []));
    expect(ends).toEqual(['lost', 'ended']);
  });
});
