/** What can be done with a finished run, from the mirror alone. */
import { lstat, opendir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { Results, UndoRequest } from '../ports/workspace.ts';
import { sweepBases } from './bases.ts';
import { dropRunRefs, keepBundle } from './bundles.ts';
import { hashDiff, readDiff } from './diff-text.ts';
import { composeLanded, readHistory } from './landed-commit.ts';
import { holds, isAncestor, land } from './landing.ts';
import { redo } from './redo.ts';
import type { Room } from './room.ts';
import { basesInUse, deleteRunDirectory } from './run-directory.ts';
import { deleteMarked } from './safe-delete.ts';
import { isRunId, type StateDirectory } from './state-directory.ts';
import { undo, type UndoContext } from './undo.ts';

export function createResults(open: () => Promise<Room>): Results {
  return {
    diff: async (repository, from, to, maxBytes) => {
      const room = await open();
      return readDiff(room.git, { mirror: await room.mirrors.find(repository), from, to, maxBytes });
    },
    diffHash: async (repository, from, to) => {
      const room = await open();
      const mirror = await room.mirrors.find(repository);
      return (await hashDiff(room.git, { mirror, from, to, maxBytes: 0 })).hash;
    },
    history: async (repository, commit, most) => {
      const { git, mirrors } = await open();
      return readHistory(git, await mirrors.find(repository), { commit, most });
    },
    compose: async (repository, wanted) => {
      const { git, mirrors } = await open();
      return composeLanded(git, await mirrors.find(repository), wanted);
    },
    land: async (repository, commit, branch, expected) => {
      const room = await open();
      const mirror = await room.mirrors.open(repository);
      return land(room.git, { mirror, repository, commit, branch, expected, reason: 'loopwright: land' });
    },
    holds: async (repository, commit, branch) => {
      const { git, mirrors } = await open();
      return holds(git, await mirrors.find(repository), { repository, commit, branch });
    },
    builtOn: async (repository, newer, older) => {
      const { git, mirrors } = await open();
      return isAncestor(git, await mirrors.find(repository), older, newer);
    },
    undo: async (requests, ready) => undo(await undoContext(open, requests), requests, ready),
    redo: async (requests, ready) => redo(await undoContext(open, requests), requests, ready),
    discard: async (runId) => {
      const { state, now } = await open();
      await deleteRunDirectory(state, runId);
      await deleteDraft(state, runId);
      await sweepBases(state, await basesInUse(state), now());
    },
    forget: async (repository, runId) => {
      const { git, state, mirrors } = await open();
      const mirror = await mirrors.find(repository);
      await keepBundle(git, state, mirror, runId);
      await dropRunRefs(git, mirror, runId);
    },
    orphans: async (known) => {
      const { state, now } = await open();
      const bytes = new Map<string, number>();
      for (const { runId, directory } of await ownedDirectories(state, now())) {
        if (!known.has(runId)) bytes.set(runId, (bytes.get(runId) ?? 0) + (await sizeOf(directory)));
      }
      return [...bytes].map(([runId, size]) => ({ runId, bytes: size })).sort((a, b) => b.bytes - a.bytes);
    },
  };
}

async function undoContext(open: () => Promise<Room>, requests: readonly UndoRequest[]): Promise<UndoContext> {
  const [repository, ...others] = new Set(requests.map((request) => request.repository));
  assert(repository !== undefined && others.length === 0, 'results are taken back in one repository at a time');
  const { git, state, now, mirrors } = await open();
  return { git, state, now, repository, mirror: await mirrors.find(repository) };
}

interface Owned {
  readonly runId: string;
  readonly directory: string;
}

/** Directories of runs, what is left of them in the trash, and drafts whose maker must be dead. */
async function ownedDirectories(state: StateDirectory, now: number): Promise<readonly Owned[]> {
  const at = async (place: string, runIdOf: (name: string) => string): Promise<readonly Owned[]> =>
    (await readdir(place))
      .map((name) => ({ runId: runIdOf(name), directory: path.join(place, name) }))
      .filter(({ runId }) => isRunId(runId));
  const [runs, trash, drafts] = await Promise.all([
    at(state.runs, (name) => name),
    at(state.trash, (name) => name.split('~')[0] ?? ''),
    at(state.drafts, (name) => name),
  ]);
  return [...runs, ...trash, ...(await onlyOld(drafts, now))];
}

/** Making the largest base takes minutes. */
const ABANDONED_MS = 24 * 3_600_000;

async function onlyOld(owned: readonly Owned[], now: number): Promise<readonly Owned[]> {
  const old: Owned[] = [];
  for (const one of owned) {
    const seen = await lstat(one.directory).catch(ignoreMissing);
    if (seen?.isDirectory() === true && now - seen.mtimeMs > ABANDONED_MS) old.push(one);
  }
  return old;
}

function ignoreMissing(error: unknown): null {
  if (hasSystemCode(error, 'ENOENT')) return null;
  throw error;
}

async function deleteDraft(state: StateDirectory, name: string): Promise<void> {
  const directory = path.join(state.drafts, name);
  await deleteMarked({ directory, below: state.drafts, trash: state.trash, runId: name });
}

/** Allocated bytes. Links are counted, never followed; what cannot be read counts as nothing. */
async function sizeOf(top: string): Promise<number> {
  let total = 0;
  const waiting = [top];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      const seen = await lstat(next);
      total += seen.blocks * 512;
      if (!seen.isDirectory()) continue;
      for await (const entry of await opendir(next)) waiting.push(path.join(next, entry.name));
    } catch (error) {
      if (!hasSystemCode(error, 'ENOENT', 'EACCES', 'ENAMETOOLONG', 'ENOTDIR')) throw error;
    }
  }
  return total;
}
