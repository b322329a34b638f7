/**
 * The built program under SIGKILL at random instants, on one state directory: runs, landings and undos. Afterwards the
 * same commands are given again, and everything must be as if nobody had died.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldRun } from '../../src/core/evolve.ts';
import type { RunState } from '../../src/core/state.ts';
import type { RunStore } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import {
  LAMP,
  nothingRuns,
  processesOf,
  requireBuilt,
  run,
  slowGit,
  start,
  temporary,
  until,
} from '../process/program.ts';
import { repositoryWith } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { few, leftovers, random, strike } from './killer.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 36);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = 3;
const PER_ROUND = Math.ceil(KILLS / ROUNDS);
const AT_ONCE = 4;
/** Every one is landed or undone, and killed at that, once per round. */
const SUBJECTS = Math.max(14, Math.ceil(PER_ROUND / 2));
/** How long these take here at least: instants are chosen within. Measured as it begins, four at a time. */
const tookMs = { run: 0, land: 0, undo: 0 };

const ON = 'write: { path: lamp, text: "on\\n" }';
const SCRIPTS: Readonly<Record<string, string>> = {
  quick: `turns: [[{ ${ON} }, { claim: done }]]`,
  patient: `turns: [[{ say: a }, { sleep: 300ms }, { ${ON} }, { sleep: 300ms }, { claim: done }]]`,
  'second-try': `turns: [[{ write: { path: notes, text: "1" } }, { sleep: 200ms }], [{ ${ON} }, { sleep: 200ms }]]`,
  never: 'turns: [[{ append: { path: notes, text: "no\\n" } }, { sleep: 100ms }]]',
  stubborn: `turns: [[{ ignore-signals: true }, { daemonise: "sleep 300" }, { ${ON} }, { sleep: 300ms }]]`,
};

const roll = random(SEED);
const first = repositoryWith({ ...LAMP, 'one.txt': '1\n' });
const places: readonly Place[] = [first, ...[2, 3].map((n) => sharing(repositoryWith({ ...LAMP, 'n.txt': `${n}\n` })))];
const field = sharing(repositoryWith({ ...LAMP, 'field.txt': 'here branches come and go\n' }));
const everywhere = [...places, field];
const figures = { runs: 0, runKills: 0, resumes: 0, landKills: 0, undoKills: 0, late: 0, stuck: 0 };

/** The repository with the state directory of the first one. */
function sharing(place: Place): Place {
  return { ...place, home: first.home };
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(roll() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function scriptOf(name: string): string {
  const path = join(dirname(first.root), `${name}.yaml`);
  writeFileSync(path, SCRIPTS[name] ?? '');
  return path;
}

function runArguments(script: string): readonly string[] {
  return [
    'run',
    'switch it on',
    '--agent',
    'scripted',
    '--script',
    scriptOf(script),
    '--max-iterations',
    '3',
    '--json',
  ];
}

async function withStore<T>(act: (store: RunStore) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ file: join(first.home, 'loopwright.db'), now: Date.now });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

async function states(): Promise<readonly RunState[]> {
  return withStore(async (store) => {
    const begun = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
    return Promise.all(begun.map(async ({ runId }) => foldRun(await store.read(runId))));
  });
}

async function leasesEnd(): Promise<void> {
  const live = (): Promise<boolean> => withStore(async (store) => (await store.list()).some((one) => one.live));
  await until(async () => !(await live()), 'no lease is left', 30_000);
}

function blow(verb: keyof typeof tookMs): { readonly afterMs: number; readonly whole: boolean } {
  return { afterMs: Math.floor(roll() * tookMs[verb]), whole: roll() < 0.5 };
}

async function measure(verb: keyof typeof tookMs, argv: readonly string[], env = {}): Promise<void> {
  const begun = performance.now();
  expect((await run(field, argv, { env })).code, `ended: ${argv.join(' ')}`).toBe(0);
  const ms = Math.round(performance.now() - begun);
  tookMs[verb] = tookMs[verb] === 0 ? ms : Math.min(tookMs[verb], ms);
}

function placeOf(state: RunState): Place {
  const place = everywhere.find(({ root }) => root === state.task.repository);
  if (place === undefined) throw new Error(`run ${state.runId} belongs to ${state.task.repository}`);
  return place;
}

/** Resumes what is not over, and begins new runs until there is enough to kill. */
async function killRuns(): Promise<void> {
  const open = (await states()).filter(({ stop }) => stop === null);
  const resumed = open.map((state) => ({ place: placeOf(state), argv: ['resume', state.runId, '--json'] }));
  const begun = Array.from({ length: Math.max(0, PER_ROUND - resumed.length) }, () => ({
    place: pick(places),
    argv: runArguments(pick(Object.keys(SCRIPTS))),
  }));
  const victims = [...resumed, ...begun].map((victim) => ({ ...victim, blow: blow('run') }));
  figures.runs += begun.length;
  figures.resumes += resumed.length;
  await few(victims, AT_ONCE, async (victim) => {
    if (await strike(start(victim.place, victim.argv), victim.blow)) figures.runKills += 1;
  });
}

async function finishRuns(): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const open = (await states()).filter(({ stop }) => stop === null);
    await few(open, AT_ONCE, async (state) => {
      const { err } = await run(placeOf(state), ['resume', state.runId, '--json']);
      figures.resumes += 1;
      expect(err, `resume ${state.runId}`).toBe('');
    });
  }
}

interface Subject {
  readonly runId: string;
  readonly branch: string;
  /** One command per round; each is killed. */
  readonly commands: readonly (readonly string[])[];
}

async function subjects(env: Readonly<Record<string, string>>): Promise<readonly Subject[]> {
  const numbers = Array.from({ length: SUBJECTS + AT_ONCE }, (_, number) => number);
  await few(numbers, AT_ONCE, () => measure('run', runArguments('quick')));
  const accepted = (await states()).filter(({ stop }) => stop?.reason === 'accepted');
  expect(accepted).toHaveLength(numbers.length);
  const tried = accepted.slice(SUBJECTS);
  await few(tried, AT_ONCE, ({ runId }) => measure('land', ['land', runId], env));
  await few(tried, AT_ONCE, ({ runId }) => measure('undo', ['undo', runId], env));
  return accepted.slice(0, SUBJECTS).map(({ runId }, number) => {
    const [own, other] = [`loopwright/${runId}`, `release-${number}`];
    field.git('branch', other, 'main');
    const [land, onto, undo, redo] = [
      ['land', runId],
      ['land', runId, '--onto', other],
      ['undo', runId],
      ['redo', runId],
    ];
    const plans = [
      { branch: own, commands: [land, land, undo] },
      { branch: other, commands: [onto, onto, undo] },
      { branch: own, commands: [land, undo, undo] },
      { branch: other, commands: [onto, undo, undo] },
      { branch: own, commands: [undo, undo, undo] },
      { branch: own, commands: [land, undo, redo] },
      { branch: other, commands: [onto, undo, redo] },
    ];
    const plan = plans[number % plans.length];
    if (plan === undefined) throw new Error('there are plans');
    return { runId, ...plan };
  });
}

async function killLandings(
  all: readonly Subject[],
  round: number,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const victims = all.map(({ commands }) => {
    const argv = commands[round] ?? [];
    return { argv, blow: blow(argv[0] === 'land' ? 'land' : 'undo') };
  });
  await few(victims, AT_ONCE, async (victim) => {
    if (!(await strike(start(field, victim.argv, { env }), victim.blow))) return;
    if (victim.argv[0] === 'land') figures.landKills += 1;
    else figures.undoKills += 1;
  });
}

function tipOf(branch: string): string | null {
  const line = field.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`).trim();
  return line === '' ? null : line;
}

/** One that was killed before it landed is back where it was then: kept, and on no branch. */
async function requireBroughtBack(runId: string, branch: string): Promise<void> {
  const landing = (await states()).find((one) => one.runId === runId)?.landing ?? null;
  if (branch.startsWith('loopwright/')) expect(tipOf(branch)).toBe(landing?.commit ?? null);
  else expect(field.git('show', `${branch}:lamp`)).toBe(landing === null ? 'off\n' : 'on\n');
}

/** Gives the killed command again where the next one is another, and looks at what it left. */
async function repeat(all: readonly Subject[], round: number): Promise<void> {
  await few(all, AT_ONCE, async ({ runId, branch, commands }) => {
    const [command = [], next] = commands.slice(round, round + 2);
    const [verb] = command;
    // Every other landing stays as it was killed and meets an undo.
    if (next !== undefined && (next[0] === verb || round === 0)) return;
    for (const again of [1, 2]) {
      const { code, err } = await run(field, command);
      expect(code, `${command.join(' ')}, time ${again}: ${err}`).toBe(0);
      const tip = tipOf(branch);
      const base = field.git('rev-parse', 'main').trim();
      const own = branch.startsWith('loopwright/');
      if (verb === 'land') {
        const state = (await states()).find((one) => one.runId === runId);
        expect(tip).toBe(state?.landing?.commit);
        expect(state?.landing?.previous).toBe(own ? null : base);
        expect(field.git('show', `${branch}:lamp`)).toBe('on\n');
      } else if (verb === 'redo') {
        await requireBroughtBack(runId, branch);
      } else if (own) {
        expect(tip, `${branch} after ${command.join(' ')}`).toBeNull();
      } else {
        // Never landed, or landed and reverted: what is on it is what was on it.
        expect(field.git('rev-parse', `${branch}^{tree}`)).toBe(field.git('rev-parse', 'main^{tree}'));
        expect(Number(field.git('rev-list', '--count', `main..${branch}`))).toBeLessThanOrEqual(2);
      }
    }
  });
}

beforeAll(requireBuilt);

afterAll(() => {
  for (const place of everywhere) place.remove();
});

it(`${KILLS} kills of runs and ${SUBJECTS * ROUNDS} of landings and undos lose nothing (CHAOS_SEED=${SEED})`, async () => {
  // Most of a landing is then between two effects.
  const env = slowGit(first, '0.05');
  const all = await subjects(env);
  const before = places.map((place) => place.fingerprint());
  const status = field.git('status', '--porcelain', '--branch');
  for (let round = 0; round < ROUNDS; round += 1) {
    await killRuns();
    await killLandings(all, round, env);
    const { late, stuck } = await leftovers(() => everywhere.flatMap(({ root }) => processesOf(dirname(root))));
    figures.late += late;
    figures.stuck += stuck;
    await leasesEnd();
    await repeat(all, round);
  }
  await finishRuns();

  const ended = await states();
  expect(ended.filter(({ stop }) => stop === null).map(({ runId }) => runId)).toEqual([]);
  await withStore(async (store) => {
    for (const { runId } of await store.list()) {
      expect((await store.verify(runId)).brokenAt, `run ${runId}`).toBeNull();
      const events = await store.read(runId);
      const turns = events.flatMap((event) => (event.type === 'turn.requested' ? [event.iteration] : []));
      expect(turns, `run ${runId}`).toEqual([...new Set(turns)]);
      if (events.length > 0)
        expect(
          events.filter(({ type }) => type === 'run.stopped'),
          `run ${runId}`,
        ).toHaveLength(1);
    }
  });
  expect(places.map((place) => place.fingerprint())).toEqual(before);
  expect(field.git('status', '--porcelain', '--branch')).toBe(status);
  for (const place of everywhere) await nothingRuns(place);
  const gc = await run(first, ['gc', '--older-than', '1ms', '--json']);
  expect(gc.code, `gc: ${gc.err}`).toBe(0);
  const left = ['runs', 'trash'].flatMap((name) => readdirSync(join(first.home, name)).map((one) => `${name}/${one}`));
  // Drafts of the dead are swept once they are a day old: until then they could be somebody's who is slow.
  const drafts = readdirSync(join(first.home, 'drafts')).length;
  const temporaries = everywhere.flatMap((place) => readdirSync(temporary(place)));
  const reasons = Object.groupBy(ended, ({ stop }) => stop?.reason ?? 'none');
  const counted = Object.entries(reasons).map(([reason, some]) => `${some?.length ?? 0} ${reason}`);
  console.log(
    JSON.stringify({
      seed: SEED,
      ...figures,
      tookMs,
      all: ended.length,
      ended: counted.join(', '),
      drafts,
      temporaries: temporaries.length,
    }),
  );
  expect(left).toEqual([]);
  // A dead process cannot take back what it put into the system's temporary directory for some milliseconds.
  for (const name of temporaries) expect(name).toMatch(/^loopwright-/u);
});
