/** A machine that dies in the middle of landing, undo or redo of several runs, and the same command again. */
import { expect } from 'vitest';
import { isLoopwrightError } from '../../src/core/errors.ts';
import { outcomeOf } from '../../src/core/state.ts';
import { landRun } from '../../src/engine/decisions.ts';
import type { EngineDependencies } from '../../src/engine/dependencies.ts';
import { redoRuns, undoRuns } from '../../src/engine/undo.ts';
import type { RunStore } from '../../src/ports/store.ts';
import { depsOf, mortalGit, undoStage } from './undo-stage.ts';
import type { UndoStage } from './undo-stage.ts';

export type Command = 'land' | 'undo' | 'redo';

/** What the process died of: nothing in the engine may take it for an answer. */
class Death extends Error {}

const RUNS = ['run1', 'run2', 'run3'] as const;
const quiet = (): void => undefined;

async function perform(deps: EngineDependencies, command: Command): Promise<void> {
  if (command === 'land') await landRun(deps, 'run3', 'stable', quiet);
  else if (command === 'undo') await undoRuns(deps, RUNS, { dependants: 'refuse', listener: quiet });
  else await redoRuns(deps, RUNS, quiet);
}

/** Two runs on one branch, one on another. */
async function prepare(command: Command): Promise<UndoStage> {
  const stage = await undoStage({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  const { deps } = stage;
  await stage.accepted('run1', 'release', { 'a.txt': 'one\n' });
  await landRun(deps, 'run1', 'release', quiet);
  await stage.accepted('run2', 'release', { 'a.txt': 'two\n' });
  await landRun(deps, 'run2', 'release', quiet);
  await stage.accepted('run3', 'stable', { 'b.txt': 'three\n' });
  if (command !== 'land') await landRun(deps, 'run3', 'stable', quiet);
  if (command === 'redo') await undoRuns(deps, RUNS, { dependants: 'refuse', listener: quiet });
  return stage;
}

/** Where both branches are, or would be: trees, for a commit has a date. */
function trees({ repository }: UndoStage): string {
  return ['release', 'stable'].map((branch) => repository.git('rev-parse', `${branch}^{tree}`)).join(' ');
}

export interface Moment {
  /** From 0 to 1: which of the chances to die. */
  readonly at: number;
  readonly by: 'git-before' | 'git-after' | 'log-before' | 'log-after';
}

/** A log in which the process dies at its n-th append: nothing more of it is heard. */
function mortalStore(store: RunStore, deathAt: number, when: 'before' | 'after'): RunStore & { chances(): number } {
  let count = 0;
  return {
    ...store,
    chances: () => count,
    async append(lease, appends) {
      count += 1;
      if (count > deathAt || (count === deathAt && when === 'before')) throw new Death('of the log');
      const recorded = await store.append(lease, appends);
      if (count === deathAt) throw new Death('of the log');
      return recorded;
    },
  };
}

/** How many chances each kind of death has in one performance. */
async function countChances(command: Command): Promise<{ readonly git: number; readonly log: number }> {
  const stage = await prepare(command);
  const git = mortalGit(stage);
  git.dieAt(1_000_000, 'before');
  const log = mortalStore(stage.store, 1_000_000, 'before');
  await perform(depsOf(log, git.results, stage.deps.clock), command);
  return { git: git.chances(), log: log.chances() };
}

/**
 * Dies once at each moment and looks at both branches: they are as before or as after, never one of each. Then gives the
 * same command again, which finishes; and once more, which changes nothing. Resolves to how many deaths were met.
 */
export async function dieAndRepeat(command: Command, moments: readonly Moment[]): Promise<number> {
  const chances = await countChances(command);
  expect(chances.git).toBeGreaterThan(3);
  expect(chances.log).toBeGreaterThan(1);
  let deaths = 0;
  for (const { at, by } of moments) {
    const stage = await prepare(command);
    const before = trees(stage);
    const [what, when] = by.split('-') as ['git' | 'log', 'before' | 'after'];
    const chance = 1 + Math.floor(at * chances[what]);
    const git = mortalGit(stage);
    git.dieAt(what === 'git' ? chance : 1_000_000, when);
    const log = mortalStore(stage.store, what === 'log' ? chance : 1_000_000, when);
    const died = await perform(depsOf(log, git.results, stage.deps.clock), command).then(
      () => false,
      (error: unknown) => error instanceof Death || isLoopwrightError(error),
    );
    if (died) deaths += 1;
    const between = trees(stage);
    // Another process: the dead one left its leases, which end by themselves.
    for (const runId of RUNS) await stage.store.release(await stage.store.claim(runId, 'next', 1, true));
    await perform(stage.deps, command);
    const after = trees(stage);
    expect([before, after], `${command}, dead at ${chance} by ${by}`).toContain(between);
    expect(after).not.toBe(before);
    const outcomes = await Promise.all(RUNS.map(async (runId) => outcomeOf(await stage.state(runId))));
    expect(outcomes).toEqual(RUNS.map(() => (command === 'undo' ? 'undone' : 'landed')));
    const refs = stage.refs();
    await perform(stage.deps, command);
    expect(stage.refs()).toBe(refs);
    expect(stage.repository.git('status', '--porcelain', '--branch')).toBe('## main');
  }
  return deaths;
}
