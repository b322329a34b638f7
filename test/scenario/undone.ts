/**
 * How every scenario ends: each run whose change was accepted or held has a rehearsed undo, all of them are taken back with
 * one command, and then nothing of them is left: no branch, process, container or file, and the trees are those of before.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunSummaryJson } from '../../src/report/summary.ts';
import type { Place } from './harness.ts';

type Listed = RunSummaryJson & { readonly live: boolean };

async function runsOf(place: Place): Promise<readonly Listed[]> {
  const { code, out } = await place.cli('list', '--all', '--json');
  expect({ code, out }).toMatchObject({ code: 0 });
  return (JSON.parse(out) as { readonly runs: readonly Listed[] }).runs;
}

/** Accepted by the checks: taken, or waiting for a person. */
function isOffered({ outcome, waitingFor, head }: Listed): boolean {
  return head !== null && (outcome === 'accepted' || outcome === 'landed' || waitingFor !== null);
}

/** What a branch that runs landed on has to be again; null where people committed to it too. */
function treeBefore(place: Place, landed: readonly Listed[], branch: string): string | null {
  const commits = place.git('log', '--format=%H %an', branch).split('\n').filter(Boolean);
  const ours = commits.filter((line) => line.endsWith(' loopwright')).length;
  const [first] = landed.toSorted((a, b) => a.startedAt - b.startedAt);
  const before = first?.landing?.previous;
  if (before == null) return null;
  const since = place.git('rev-list', '--count', `${before}..${branch}`).trim();
  return Number(since) === ours ? place.git('rev-parse', `${before}^{tree}`) : null;
}

function requireNothingLeft(place: Place, ids: readonly string[]): void {
  const runs = join(place.home, 'runs');
  expect(existsSync(runs) ? readdirSync(runs).filter((name) => ids.includes(name)) : [], 'workspaces').toEqual([]);
  const trash = join(place.home, 'trash');
  expect(existsSync(trash) ? readdirSync(trash) : [], 'trash').toEqual([]);
  expect(place.git('branch', '--list', ...ids.map((id) => `loopwright/${id}`)), 'branches').toBe('');
  // The containers of a run are processes of it, and the mounts of its sandboxes name the place.
  expect(place.processes(), 'processes').toEqual([]);
}

/**
 * Takes back every run of the repository. Resolves to how many there were to look at. A state directory that a scenario
 * broke on purpose is none of this: it says so with `skip`.
 */
export async function takeEverythingBack(place: Place): Promise<number> {
  if (!existsSync(join(place.home, 'loopwright.db'))) return 0;
  const runs = (await runsOf(place)).filter(({ repository, head, live }) => {
    return repository === place.root && head !== null && !live;
  });
  if (runs.length === 0) return 0;
  for (const run of runs.filter(isOffered)) {
    expect(run).toMatchObject({ undo: { rehearsed: true } });
    expect(run.undo.now.length + (run.waitingFor === null ? 0 : 1)).toBeGreaterThan(0);
  }
  const ids = runs.map(({ id }) => id);
  for (const { id, status } of runs) {
    if (status !== 'stopped') expect(await place.cli('stop', id)).toMatchObject({ code: 0 });
  }
  const checkout = place.git('status', '--porcelain', '--branch');
  // Nobody's files are moved: a branch that the scenario checked out is let go by whoever did that.
  const onBranch = runs.some(({ landing }) => landing !== null && checkout.startsWith(`## ${landing.branch}`));
  if (onBranch) place.git('switch', '--quiet', '--detach');
  const landed = runs.filter(({ landing }) => landing !== null && landing.previous !== null);
  const branches = new Set(landed.map(({ branch }) => branch));
  const { code, err } = await place.cli('undo', ...ids, '--with-dependants');
  expect({ code, err }).toMatchObject({ code: 0 });
  for (const run of await runsOf(place)) {
    if (ids.includes(run.id)) expect(run).toMatchObject({ outcome: 'undone' });
  }
  for (const branch of branches) {
    const there = landed.filter((run) => run.branch === branch);
    const tree = treeBefore(place, there, branch);
    if (tree !== null) expect(`${branch} ${place.git('rev-parse', `${branch}^{tree}`)}`).toBe(`${branch} ${tree}`);
  }
  if (!onBranch) expect(place.git('status', '--porcelain', '--branch')).toBe(checkout);
  requireNothingLeft(place, ids);
  return runs.length;
}

interface Removable {
  remove(): unknown;
  end?(): Promise<unknown>;
}

/** Ends what a scenario opened, the last one first: places as above, everything else as it says itself. */
export async function endAll(open: Removable[]): Promise<void> {
  for (const one of open.splice(0).toReversed()) {
    try {
      await one.end?.();
    } finally {
      await one.remove();
    }
  }
}
