/** What can be done with a finished run, from the mirror alone. */
import { lstat, opendir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Results } from '../ports/workspace.ts';
import { dropRunRefs, keepBundle } from './bundles.ts';
import { readDiff } from './diff-text.ts';
import { land } from './landing.ts';
import { isErrno } from './marker.ts';
import type { Room } from './room.ts';
import { deleteRunDirectory } from './run-directory.ts';
import { isRunId } from './state-directory.ts';
import { undo } from './undo.ts';

export function createResults(open: () => Promise<Room>): Results {
  return {
    diff: async (repository, from, to, maxBytes) => {
      const room = await open();
      return readDiff(room.git, { mirror: await room.mirrors.find(repository), from, to, maxBytes });
    },
    land: async (repository, commit, branch, expected) => {
      const room = await open();
      const mirror = await room.mirrors.open(repository);
      return land(room.git, { mirror, repository, commit, branch, expected, reason: 'loopwright: land' });
    },
    undo: async (request) => {
      const room = await open();
      const { git, state, now } = room;
      return undo({ git, state, now, mirror: await room.mirrors.find(request.repository) }, request);
    },
    discard: async (runId) => deleteRunDirectory((await open()).state, runId),
    forget: async (repository, runId) => {
      const { git, state, mirrors } = await open();
      const mirror = await mirrors.find(repository);
      await keepBundle(git, state, mirror, runId);
      await dropRunRefs(git, mirror, runId);
    },
    orphans: async (known) => {
      const { state } = await open();
      const bytes = new Map<string, number>();
      for (const [directory, runIdOf] of [
        [state.runs, (name: string) => name],
        [state.trash, (name: string) => name.split('~')[0] ?? ''],
      ] as const) {
        for (const name of await readdir(directory)) {
          const runId = runIdOf(name);
          if (!isRunId(runId) || known.has(runId)) continue;
          bytes.set(runId, (bytes.get(runId) ?? 0) + (await sizeOf(path.join(directory, name))));
        }
      }
      return [...bytes].map(([runId, size]) => ({ runId, bytes: size })).sort((a, b) => b.bytes - a.bytes);
    },
  };
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
      if (!isErrno(error, 'ENOENT', 'EACCES', 'ENAMETOOLONG', 'ENOTDIR')) throw error;
    }
  }
  return total;
}
