/**
 * Random lives of a repository on real git: runs land, are taken back and brought back, one or several at once, while a
 * person commits between them and reverts by hand. A model says after every step what each branch has to hold.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { isLoopwrightError } from '../../src/core/errors.ts';
import type { Results, UndoRequest } from '../../src/ports/workspace.ts';
import { gitAt, makeWorld } from '../fixtures/workspace-room.ts';
import type { World } from '../fixtures/workspace-room.ts';

const BRANCHES = ['release', 'stable'] as const;
/** Few, so that runs meet in one place and git has to refuse; far enough apart that it never takes two for one place. */
const SLOTS = 3;
const GAP = 8;
const FILE = 'slots.txt';

export type Step =
  | { readonly kind: 'land'; readonly branch: number; readonly slot: number; readonly own: boolean }
  | { readonly kind: 'undo' | 'redo'; readonly runs: readonly number[] }
  | { readonly kind: 'commit'; readonly branch: number }
  | { readonly kind: 'revert' | 'restore'; readonly run: number };

const run = fc.nat({ max: 31 });
const branch = fc.nat({ max: BRANCHES.length - 1 });
const slot = fc.nat({ max: SLOTS - 1 });

/** What can happen; a number of a run is taken modulo how many there are. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('land' as const), branch, slot, own: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('undo' as const), runs: fc.array(run, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('redo' as const), runs: fc.array(run, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit' as const), branch }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('revert' as const, 'restore' as const), run }) },
);

/**
 * Three landings first, two of them in one place, and the lower of these taken back alone: a life without any landing shows
 * nothing, and left to chance too few lives meet a refusal.
 */
export function sequences(steps: { readonly min: number; readonly max: number }): fc.Arbitrary<readonly Step[]> {
  const first = fc.tuple(slot, slot).map(([same, other]): readonly Step[] => [
    { kind: 'land', branch: 0, slot: same, own: false },
    { kind: 'land', branch: 0, slot: same, own: false },
    { kind: 'land', branch: 1, slot: other, own: true },
    { kind: 'undo', runs: [0] },
  ]);
  const rest = fc.array(step, { minLength: steps.min, maxLength: steps.max });
  return fc.tuple(first, rest).map(([begin, more]) => [...begin, ...more]);
}

interface ModelRun {
  readonly request: UndoRequest & { readonly landed: NonNullable<UndoRequest['landed']> };
  readonly slot: number;
  /** What the slot said before it and says after it. */
  readonly from: string;
  readonly to: string;
  /** What all slots of its branch said when it had landed. */
  readonly landedAs: readonly string[];
  /** Grows with each landing and redo: the order in the history of the branch. 0: not in effect. */
  effect: number;
}

interface Model {
  /** What each slot says, by branch. */
  readonly slots: Map<string, string[]>;
  /** What the person wrote, by branch. */
  readonly persons: Map<string, string[]>;
  readonly runs: ModelRun[];
  clock: number;
}

/** How often what happened: a test of many lives says that it saw each kind. */
export interface Tally {
  landed: number;
  undone: number;
  redone: number;
  refused: number;
  byHand: number;
}

function text(slots: readonly string[]): string {
  return slots.flatMap((value, at) => [value, ...Array.from({ length: GAP }, (_, line) => `${at}.${line}`)]).join('\n');
}

interface Life {
  readonly world: World;
  readonly results: Pick<Results, 'land' | 'undo' | 'redo'>;
  readonly model: Model;
  readonly tally: Tally;
}

function fastImport(directory: string, lines: readonly string[]): void {
  execFileSync('git', ['fast-import', '--quiet', '--date-format=raw'], {
    cwd: directory,
    input: `${lines.join('\n')}\n`,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export interface ImportedCommit {
  readonly ref: string;
  readonly from: string;
  readonly message: string;
  readonly at: number;
  readonly files: Readonly<Record<string, string>>;
}

/** One commit with one process of git; the content of each file stands in the stream. */
export function importCommit(directory: string, { ref, from, message, at, files }: ImportedCommit): void {
  const data = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}`;
  fastImport(directory, [
    `commit ${ref}`,
    `committer user <user@localhost> ${1_700_000_000 + at} +0000`,
    data(message),
    `from ${from}`,
    ...Object.entries(files).map(([path, content]) => `M 100644 inline ${path}\n${data(content)}`),
    '',
  ]);
}

function slotsOf({ slots }: Model, name: string): string[] {
  const found = slots.get(name);
  if (found === undefined) throw new Error(`the model has no branch ${name}`);
  return found;
}

/** The trusted mirror of the one repository of the world. */
export function mirrorOf({ home }: Pick<World, 'home'>): string {
  const [mirror = ''] = readdirSync(join(home, 'mirrors')).filter((name) => name.endsWith('.git'));
  return join(home, 'mirrors', mirror);
}

async function land({ world, results, model, tally }: Life, wanted: Extract<Step, { kind: 'land' }>): Promise<void> {
  const { repository } = world;
  const onto = BRANCHES[wanted.branch] ?? 'release';
  const number = model.runs.length + 1;
  const runId = `run${number}`;
  const { commit: base } = await world.repositories.pin(repository.path, onto);
  const slots = [...slotsOf(model, onto)];
  const [from, to] = [slots[wanted.slot] ?? '', `${runId} was here`];
  slots[wanted.slot] = to;
  const gitDir = mirrorOf(world);
  const ref = `refs/loopwright/${runId}/1`;
  const at = (model.clock += 1);
  importCommit(gitDir, { ref, from: base, message: `work of ${runId}`, at, files: { [FILE]: text(slots) } });
  const head = gitAt(gitDir)('rev-parse', ref);
  const branchName = wanted.own ? `loopwright/${runId}` : onto;
  const expected = wanted.own ? null : base;
  const { previous } = await results.land(repository.path, head, branchName, expected);
  model.slots.set(branchName, slots);
  model.persons.set(branchName, [...(model.persons.get(onto) ?? [])]);
  const request = { runId, repository: repository.path, base, head, landed: { branch: branchName, previous } };
  model.runs.push({ request, slot: wanted.slot, from, to, landedAs: [...slots], effect: at });
  tally.landed += 1;
}

/** What the branches hold afterwards, or null where git has to refuse: then nothing may have changed. */
function afterUndo(model: Model, chosen: readonly ModelRun[]): (() => void) | null {
  const next = new Map<string, string[]>([...model.slots].map(([name, slots]) => [name, [...slots]]));
  const gone: string[] = [];
  for (const one of chosen.filter(({ effect }) => effect > 0).toSorted((a, b) => b.effect - a.effect)) {
    const { branch: name, previous } = one.request.landed;
    const slots = next.get(name);
    if (slots?.[one.slot] !== one.to) return null;
    slots[one.slot] = one.from;
    if (previous === null) gone.push(name);
  }
  return () => {
    for (const [name, slots] of next) model.slots.set(name, slots);
    for (const name of gone) model.slots.delete(name);
    for (const one of chosen) one.effect = 0;
  };
}

/** Heads of one branch follow each other, so what landed first comes back first. */
function afterRedo(model: Model, chosen: readonly ModelRun[]): (() => void) | null {
  const next = new Map<string, string[]>([...model.slots].map(([name, slots]) => [name, [...slots]]));
  const back: ModelRun[] = [];
  for (const one of chosen.filter(({ effect }) => effect === 0)) {
    const { branch: name, previous } = one.request.landed;
    const slots = next.get(name);
    if (previous === null) {
      // Its own branch is made again as it was when it landed.
      next.set(name, [...one.landedAs]);
    } else {
      if (slots?.[one.slot] !== one.from) return null;
      slots[one.slot] = one.to;
    }
    back.push(one);
  }
  return () => {
    for (const [name, slots] of next) model.slots.set(name, slots);
    for (const one of back) one.effect = model.clock += 1;
  };
}

async function attempt(life: Life, chosen: readonly ModelRun[], kind: 'undo' | 'redo'): Promise<void> {
  const { model, results, world, tally } = life;
  // What landed first comes first, as a redo has it.
  const inOrder = [...new Set(chosen)].toSorted((a, b) => model.runs.indexOf(a) - model.runs.indexOf(b));
  const apply = kind === 'undo' ? afterUndo(model, inOrder) : afterRedo(model, inOrder);
  const before = world.repository.git('for-each-ref');
  const requests = [...new Set(chosen)].map(({ request }) => request);
  try {
    const answers = await results[kind](requests);
    expect(answers).toHaveLength(requests.length);
    expect(apply, `git should have refused to ${kind} ${requests.map(({ runId }) => runId).join(' ')}`).not.toBeNull();
    apply?.();
    tally[kind === 'undo' ? 'undone' : 'redone'] += requests.length;
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_RUN_STATE') || apply !== null) throw error;
    expect(world.repository.git('for-each-ref')).toBe(before);
    tally.refused += 1;
  }
}

function tipOf(world: World, name: string): string {
  return world.repository.git('rev-parse', `refs/heads/${name}`);
}

function commit({ world, model }: Life, wanted: Extract<Step, { kind: 'commit' }>): void {
  const name = BRANCHES[wanted.branch] ?? 'release';
  const at = (model.clock += 1);
  const file = `person-${at}.txt`;
  const from = tipOf(world, name);
  const message = `notes ${at}`;
  importCommit(world.repository.path, { ref: `refs/heads/${name}`, from, message, at, files: { [file]: 'mine\n' } });
  model.persons.set(name, [...(model.persons.get(name) ?? []), file]);
}

/** `revert`: with git's own words. `restore`: the line is written back, and nobody says why. */
function byHand({ world, model, tally }: Life, kind: 'revert' | 'restore', one: ModelRun): void {
  const { branch: name, previous } = one.request.landed;
  const slots = model.slots.get(name);
  if (previous === null || one.effect === 0 || slots?.[one.slot] !== one.to) return;
  slots[one.slot] = one.from;
  one.effect = 0;
  const at = (model.clock += 1);
  const said = kind === 'revert' ? `Revert it\n\nThis reverts commit ${one.request.head}.\n` : `put it back ${at}`;
  const files = { [FILE]: text(slots) };
  importCommit(world.repository.path, {
    ref: `refs/heads/${name}`,
    from: tipOf(world, name),
    message: said,
    at,
    files,
  });
  tally.byHand += 1;
}

/** What every branch holds, held against the model: two processes of git, for it is asked after every step. */
function compare({ world, model }: Life): void {
  const { git, path } = world.repository;
  const names = git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads').split('\n');
  expect(names.filter((name) => name !== 'main').toSorted()).toEqual([...model.slots.keys()].toSorted());
  const held = [...model.slots.keys()];
  const input = held.map((name) => `refs/heads/${name}:${FILE}\n`).join('');
  const out = execFileSync('git', ['cat-file', '--batch=%(objecttype)'], { cwd: path, input, encoding: 'utf8' });
  expect(out, 'what the branches hold').toBe(held.map((name) => `blob\n${text(slotsOf(model, name))}\n`).join(''));
}

function otherRefs({ repository }: World): string {
  const lines = repository.git('for-each-ref').split('\n');
  const ours = /refs\/heads\/(?:release|stable|loopwright\/)/u;
  return [...lines.filter((line) => !ours.test(line)), repository.git('status', '--porcelain', '--branch')].join('\n');
}

/**
 * Plays one life and, at its end, takes back everything that is in effect, at once. Rejects where git and the model part.
 * `change`: stands between the life and the real room, for a canary.
 */
export async function playLife(
  steps: readonly Step[],
  tally: Tally,
  change: (results: Results) => Life['results'] = (results) => results,
): Promise<void> {
  const empty = Array.from({ length: SLOTS }, (_, at) => `slot ${at} is empty`);
  const world = makeWorld('clone', (repository) => {
    repository.write(FILE, text(empty));
    repository.commit('start');
    for (const name of BRANCHES) repository.git('branch', name);
    repository.git('tag', 'v1');
    repository.git('update-ref', 'refs/notes/theirs', 'HEAD');
  });
  const model: Model = {
    slots: new Map(BRANCHES.map((name) => [name, [...empty]])),
    persons: new Map(),
    runs: [],
    clock: 0,
  };
  const life: Life = { world, results: change(world.results), model, tally };
  const others = otherRefs(world);
  const pick = (number: number): ModelRun => {
    const one = model.runs[number % model.runs.length];
    if (one === undefined) throw new Error('no run has landed yet');
    return one;
  };
  for (const one of steps) {
    if (one.kind === 'land') await land(life, one);
    else if (one.kind === 'commit') commit(life, one);
    else if ('runs' in one) await attempt(life, one.runs.map(pick), one.kind);
    else byHand(life, one.kind, pick(one.run));
    compare(life);
  }
  await attempt(life, model.runs, 'undo');
  compare(life);
  expect(otherRefs(world)).toBe(others);
  for (const [name, notes] of model.persons) {
    if (!model.slots.has(name)) continue;
    const files = world.repository.git('ls-tree', '--name-only', name).split('\n');
    expect(files.toSorted()).toEqual([...notes, FILE].toSorted());
  }
  for (const name of BRANCHES) expect(slotsOf(model, name)).toEqual(empty);
  expect([...model.slots.keys()].toSorted()).toEqual([...BRANCHES].toSorted());
}

export function emptyTally(): Tally {
  return { landed: 0, undone: 0, redone: 0, refused: 0, byHand: 0 };
}
