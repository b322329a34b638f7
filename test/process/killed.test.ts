/** The built program dies by SIGKILL, alone or with all its children, at known moments; another one goes on. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { repositoryWith } from '../scenario/harness.ts';
import type { Files, Place } from '../scenario/harness.ts';
import { countOf, eventsOf, inTheMiddleOfATurn, LAMP, nothingRuns, QUICK, requireBuilt } from './program.ts';
import { run, runs, scripted, slowGit, start, until } from './program.ts';
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

const SLOW_CHECK: Files = {
  ...LAMP,
  'loopwright.yaml': 'version: 1\nchecks:\n  lamp:\n    run: if grep -q on lamp; then sleep 2; else exit 1; fi\n',
};

async function inTheMiddleOfACheck(here: Place): Promise<Program> {
  const program = start(here, scripted(here, QUICK, '--json'));
  await until(() => runs(here, 'sleep 2'), 'the check of the change runs');
  return program;
}

async function whileGitKeepsTheChange(here: Place): Promise<Program> {
  const program = start(here, scripted(here, QUICK, '--json'), { env: slowGit(here, '1.01', 'commit-tree') });
  await program.saw('change.requested');
  await until(() => runs(here, 'sleep 1.01'), 'git works');
  return program;
}

it('leaves no process behind, and once its lease is over any other process goes on, without a turn taken twice', async () => {
  // All at once, because a lease takes its time.
  const moments = [
    { here: place(), begin: inTheMiddleOfATurn },
    { here: place(SLOW_CHECK), begin: inTheMiddleOfACheck },
    { here: place(), begin: whileGitKeepsTheChange },
  ];
  const before = moments.map(({ here }) => here.fingerprint());
  await Promise.all(
    moments.map(async ({ here, begin }) => {
      const program = await begin(here);
      program.signal('SIGKILL');
      expect((await program.ended).code).toBe(137);
      await nothingRuns(here);
      const refused = await run(here, ['resume', 'last']);
      expect(refused.err).toContain('LW_RUN_BUSY');
    }),
  );
  await Promise.all(
    moments.map(async ({ here }) => {
      await until(async () => !(await isLive(here)), 'the lease is over', 20_000);
      const resumed = await run(here, ['resume', 'last', '--json']);
      expect(resumed.err).toBe('');
      expect(resumed.code).toBe(0);
      expect(eventsOf(resumed.out).at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
      const log = eventsOf((await run(here, ['log', 'last', '--json'])).out);
      const turns = log.flatMap((event) => (event.type === 'turn.requested' ? [event.iteration] : []));
      expect(turns).toEqual([...new Set(turns)]);
      expect(countOf(log, 'run.stopped')).toBe(1);
      await nothingRuns(here);
    }),
  );
  expect(moments.map(({ here }) => here.fingerprint())).toEqual(before);
});

async function isLive(here: Place): Promise<boolean> {
  const { runs: listed } = JSON.parse((await here.cli('list', '--json')).out) as { runs: { live: boolean }[] };
  return listed.some(({ live }) => live);
}
