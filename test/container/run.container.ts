/** The main job in containers, through the same command line a person uses: accepted, landed, undone, and nothing is left. */
import { afterEach, describe, expect, it } from 'vitest';
import { repositoryWith, RIGHT_FIX, scriptFile, SUM } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { containersAbout } from './left.ts';

const places: Place[] = [];

function place(): Place {
  const policy = `${SUM['loopwright.yaml']}sandbox: container\n`;
  const made = repositoryWith({ ...SUM, 'loopwright.yaml': policy });
  places.push(made);
  return made;
}

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

const SCRIPT = `
turns:
  - - write: { path: sum.js, text: "exports.sum = () => 5;\\nexports.zero = () => 0;\\n" }
    - claim: { done: "2 passed, 0 failed" }
  - - if-prompt-contains: { text: adds, then: [{ write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} } }], else: [{ exit: 9 }] }
`;

describe('a run in containers', () => {
  it('goes on until it is right, lands, is undone, and leaves no container, no process and no file', async () => {
    const here = place();
    const before = here.fingerprint();
    const argv = ['make it add', '--agent', 'scripted', '--script', scriptFile(here, SCRIPT)];
    const { code, events } = await here.run(...argv);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ type: 'run.started', sandbox: { id: 'container', confines: true } });
    expect(here.fingerprint()).toBe(before);
    const shown = await here.show();
    expect(shown).toMatchObject({ outcome: 'accepted', iterations: 2, sandbox: { id: 'container' } });
    expect(shown.undo).toMatchObject({ rehearsed: true });
    expect((await here.cli('land', 'last')).code).toBe(0);
    expect(here.git('branch', '--list', 'loopwright/*')).not.toBe('');
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
    expect(containersAbout(here.beside(''))).toEqual([]);
    expect(here.processes()).toEqual([]);
  });

  it('is said to be in a container, and what that does not enforce, by plan, run, report and doctor', async () => {
    const here = place();
    const gap = 'paths of mounts are in the argument list of podman';
    const plan = await here.cli('run', '--dry-run', '--agent', 'scripted', '--script', scriptFile(here, SCRIPT), 'x');
    expect(plan.out).toContain('sandbox     container');
    expect(plan.out).toContain(`not enforced: ${gap}`);
    await here.run('x', '--agent', 'scripted', '--script', scriptFile(here, 'turns: [[{ claim: { blocked: no } }]]'));
    expect((await here.cli('show', 'last')).out).toContain(`not enforced: ${gap}`);
    const report = await here.cli('report', 'last');
    expect(`${report.out}${report.err}`).toContain(gap);
    const doctor = JSON.parse((await here.cli('doctor', '--json')).out) as {
      readonly lines: readonly { readonly what: string; readonly words: string }[];
      readonly reach: readonly { readonly outcome: string }[];
    };
    const words = doctor.lines.map((line) => `${line.what.trim()}: ${line.words}`).join('\n');
    expect(words).toContain('sandbox: container podman');
    expect(words).toContain(`not enforced: ${gap}`);
    expect(doctor.reach.filter(({ outcome }) => outcome === 'reached')).toEqual([]);
    expect(doctor.reach.length).toBeGreaterThan(10);
  });
});
