/**
 * The built program under SIGKILL at random instants while it publishes, and while it takes back: between and inside its calls. Afterwards the
 * same command is given again, and the forge has to hold one request for every run, and none that nobody asked for.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldRun } from '../../src/core/evolve.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { join } from 'node:path';
import { LAMP, QUICK, requireBuilt, run, scripted, slowGit, start, until } from '../process/program.ts';
import { repositoryWith } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { FORGE_SLUG, startFakeForge } from '../support/forge/index.ts';
import type { FakeForge } from '../support/forge/index.ts';
import { few, random, strike } from './killer.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 12);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const AT_ONCE = 2;
/** Every run is killed this often on its way to a request; every second one is then taken back, and killed at that. */
const PER_RUN = 4;
/** Some come too late: the program was faster. */
const RUNS = Math.max(2, Math.ceil((KILLS * 1.15) / (PER_RUN + 1)));

const roll = random(SEED);
const figures = { kills: 0, tooLate: 0, landings: 0, undoKills: 0, createsHeard: 0, createsAsked: 0 };

let forge: FakeForge;
let place: Place;

beforeAll(async () => {
  requireBuilt();
  forge = await startFakeForge();
  const publish = `publish: { forge: github, repository: ${FORGE_SLUG}, open-requests: 100 }\n`;
  place = repositoryWith({ ...LAMP, 'loopwright.yaml': `${LAMP['loopwright.yaml']}${publish}` });
  place.git('push', '--quiet', forge.repository.bare, 'main:main');
});

afterAll(async () => {
  place.remove();
  await forge.close();
});

async function leasesEnd(): Promise<void> {
  const store = await openSqliteStore({ file: join(place.home, 'loopwright.db'), now: Date.now });
  await until(async () => (await store.list()).every(({ live }) => !live), 'no lease is left', 60_000);
  await store.close();
}

async function accept(): Promise<string> {
  const { code, out } = await run(place, [...scripted(place, QUICK), '--json']);
  expect(code).toBe(0);
  return (JSON.parse(out.split('\n')[0] ?? '{}') as { runId: string }).runId;
}

/** Kills the command once; whatever it was at. */
async function kill(argv: readonly string[], env: Readonly<Record<string, string>>, tookMs: number): Promise<void> {
  // Most of the instants where something happens are in the second half: before it the program starts and looks.
  const afterMs = Math.floor(tookMs * (0.25 + 0.7 * roll()));
  if (await strike(start(place, argv, { env }), { afterMs, whole: roll() < 0.5 })) figures.kills += 1;
  else figures.tooLate += 1;
}

async function measured(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const begun = performance.now();
  const { code, err } = await run(place, argv, { env });
  expect(code, `ended: ${err}`).toBe(0);
  return performance.now() - begun;
}

it(`${KILLS} kills around landing: no request twice, none lost (CHAOS_SEED=${SEED})`, async () => {
  const env = { ...forge.env, ...slowGit(place, '0.02') };
  forge.delayMs = () => Math.floor(roll() * 60);
  const ids: string[] = [];
  await few(
    Array.from({ length: RUNS + 1 }, (_, index) => index),
    AT_ONCE,
    async () => void ids.push(await accept()),
  );
  const [tried = '', ...runs] = ids;
  const tookMs = {
    land: await measured(['land', tried, '--request'], env),
    undo: await measured(['undo', tried], env),
  };
  const { repository } = forge;
  const of = (id: string): typeof repository.requests =>
    repository.requests.filter(({ branch }) => branch.includes(id));

  for (let round = 0; round < PER_RUN; round += 1) {
    await few(runs, AT_ONCE, (id) => kill(['land', id, '--request'], env, tookMs.land));
    await leasesEnd();
  }
  await few(runs, AT_ONCE, async (id) => {
    const { code, err } = await run(place, ['land', id, '--request'], { env });
    expect(code, `${id}: ${err}`).toBe(0);
    figures.landings += 1;
  });
  for (const id of runs) {
    expect(
      of(id).map(({ state }) => state),
      `requests of ${id}`,
    ).toEqual(['open']);
    expect(repository.tip(`loopwright/${id}`), `run ${id}`).toBe(of(id)[0]?.head);
    expect(repository.git('show', `loopwright/${id}:lamp`)).toBe('on');
  }

  const back = runs.filter((_, index) => index % 2 === 0);
  const before = figures.kills;
  for (let round = 0; round < 2; round += 1) {
    await few(back, AT_ONCE, (id) => kill(['undo', id], env, tookMs.undo));
    await leasesEnd();
  }
  figures.undoKills = figures.kills - before;
  await few(back, AT_ONCE, async (id) => {
    const { code, err } = await run(place, ['undo', id], { env });
    expect(code, `undo ${id}: ${err}`).toBe(0);
  });
  for (const id of runs) {
    const isBack = back.includes(id);
    expect(
      of(id).map(({ state }) => state),
      `run ${id}`,
    ).toEqual([isBack ? 'closed' : 'open']);
    expect(repository.tip(`loopwright/${id}`) === null, `run ${id}`).toBe(isBack);
  }

  const store = await openSqliteStore({ file: join(place.home, 'loopwright.db'), now: Date.now });
  for (const id of runs) {
    expect((await store.verify(id)).brokenAt).toBeNull();
    const events = await store.read(id);
    const { publication } = foldRun(events);
    expect(publication.request?.number).toBe(of(id)[0]?.number);
    if (events.some((event) => event.type === 'publish.finished' && !event.found)) figures.createsHeard += 1;
  }
  await store.close();
  figures.createsAsked = forge.calls.filter(({ asked }) => asked.startsWith('POST') && asked.endsWith('/pulls')).length;
  expect(figures.createsAsked).toBeGreaterThan(RUNS);
  // A chaos that killed nothing has shown nothing.
  expect(figures.kills).toBeGreaterThan(RUNS);
  console.log(JSON.stringify({ seed: SEED, runs: RUNS, ...figures, tookMs }));
});
