/** Ctrl-C, SIGTERM and a terminal that closes, on the built program: how it ends, what it keeps, what it leaves running. */
import { readdirSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { repositoryWith } from '../scenario/harness.ts';
import type { Files, Place } from '../scenario/harness.ts';
import { countOf, eventsOf, inTheMiddleOfATurn, LAMP, nothingRuns, QUICK, requireBuilt } from './program.ts';
import { run, runs, scripted, slowGit, start, temporary, until } from './program.ts';
import type { Program } from './program.ts';

const places: Place[] = [];

function place(files: Files = LAMP): Place {
  const made = repositoryWith(files);
  places.push(made);
  return made;
}

beforeAll(requireBuilt);

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

describe('one interrupt', () => {
  const ways: readonly (readonly [string, (program: Program) => void])[] = [
    ['Ctrl-C, which a terminal sends to every process of ours,', (program) => program.type('SIGINT')],
    ['SIGTERM', (program) => program.signal('SIGTERM')],
    ['a terminal that closes', (program) => program.type('SIGHUP')],
  ];

  it.each(ways)('%s ends the turn, keeps what the agent did and stops the run', async (_, interrupt) => {
    const here = place();
    const program = await inTheMiddleOfATurn(here);
    interrupt(program);
    const { code, out, err } = await program.ended;
    expect(err).toContain('Stopping');
    expect(code).toBe(130);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: 'run.stopped', reason: 'interrupted' });
    expect(countOf(eventsOf(out), 'checkpoint.created')).toBe(1);
    await nothingRuns(here);
    expect(readdirSync(temporary(here))).toEqual([]);
    expect((await here.cli('diff', 'last')).out).toContain('+on');
    expect((await here.cli('resume', 'last')).code).toBe(130);
  });

  it('in the middle of a check ends the check and the run, and the check is no evidence', async () => {
    const here = place({ ...LAMP, 'loopwright.yaml': 'version: 1\nchecks:\n  slow:\n    run: sleep 301\n' });
    const program = start(here, scripted(here, QUICK, '--json'));
    await until(() => runs(here, 'sleep 301'), 'the check runs');
    program.type('SIGINT');
    const { code, out } = await program.ended;
    expect(code).toBe(130);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: 'run.stopped', reason: 'interrupted' });
    expect(countOf(eventsOf(out), 'check.finished')).toBe(0);
    await nothingRuns(here);
  });

  it('while git imports a change lets git finish, so the run is interrupted and not broken', async () => {
    const here = place();
    const program = start(here, scripted(here, QUICK, '--json'), { env: slowGit(here, '1.01', 'commit-tree') });
    await program.saw('change.requested');
    await until(() => runs(here, 'sleep 1.01'), 'git works');
    program.type('SIGINT');
    const { code, out } = await program.ended;
    expect(eventsOf(out).at(-1)).toMatchObject({ type: 'run.stopped', reason: 'interrupted' });
    expect(code).toBe(130);
    await nothingRuns(here);
  });
});

describe('a second interrupt', () => {
  it('ends everything at once, and a resume goes on from there to the end', async () => {
    const here = place();
    // While the first one is being obeyed: the collection that saves the work of the agent takes a second.
    const program = await inTheMiddleOfATurn(here, { env: slowGit(here, '1.01', 'commit-tree') });
    program.type('SIGINT');
    await until(() => runs(here, 'sleep 1.01'), 'the first one is being obeyed');
    program.type('SIGINT');
    const { code, err } = await program.ended;
    expect(err).toContain('loopwright resume');
    expect(code).toBe(130);
    expect((await here.show()).status).toBe('running');
    await nothingRuns(here);
    const resumed = await run(here, ['resume', 'last', '--json']);
    expect(eventsOf(resumed.out).at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
    expect(resumed.code).toBe(0);
    expect(countOf(eventsOf((await here.cli('log', 'last', '--json')).out), 'turn.requested')).toBe(1);
  });

  it('right after the first loses no turn and takes none twice', async () => {
    const here = place();
    const program = await inTheMiddleOfATurn(here);
    program.type('SIGINT');
    program.type('SIGINT');
    expect((await program.ended).code).toBe(130);
    await nothingRuns(here);
    const resumed = await run(here, ['resume', 'last', '--json']);
    expect([0, 130]).toContain(resumed.code);
    const log = eventsOf((await here.cli('log', 'last', '--json')).out);
    expect(countOf(log, 'turn.requested')).toBe(1);
    expect(log.at(-1)?.type).toBe('run.stopped');
    expect((await here.cli('diff', 'last')).out).toContain('+on');
  });

  it('in the middle of a check does not count as the result of the check', async () => {
    const here = place({
      ...LAMP,
      'loopwright.yaml': 'version: 1\nchecks:\n  slow:\n    run: grep -q on lamp && sleep 302\n',
    });
    const program = start(here, scripted(here, QUICK, '--json'));
    await until(() => runs(here, 'sleep 302'), 'the check of the change runs');
    program.type('SIGINT');
    program.type('SIGINT');
    expect((await program.ended).code).toBe(130);
    await nothingRuns(here);
    const log = eventsOf((await here.cli('log', 'last', '--json')).out);
    expect(log.filter(({ type }) => type === 'check.finished')).toHaveLength(1);
  });
});

describe('stop --now from another terminal', () => {
  it('ends everything at once without calling it a defect', async () => {
    const here = place();
    const program = await inTheMiddleOfATurn(here);
    expect((await here.cli('stop', 'last', '--now')).err).toContain('running');
    const { code, err } = await program.ended;
    expect(err).not.toContain('defect');
    expect(code).toBe(130);
    await nothingRuns(here);
    expect((await run(here, ['resume', 'last'])).code).toBe(0);
  });
});
