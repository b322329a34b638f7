/** Pristine checkouts of base commits: the read-only lower layer of every overlay, made once and used by many runs. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listTree } from './base-reader.ts';
import { makeAside } from './draft.ts';
import { writeGitDirectory } from './git-directory.ts';
import { isErrno } from './marker.ts';
import type { Mirror } from './mirror.ts';
import type { Room } from './room.ts';
import { populate } from './populate.ts';

export interface Base {
  readonly tree: string;
  /** Paths of submodules on this commit. */
  readonly submodules: readonly Buffer[];
}

/** Where the checkout of a base lies, made or not. */
export function baseTree(room: Room, mirror: Mirror, commit: string): string {
  return path.join(room.state.bases, mirror.repositoryId, commit);
}

export async function openBase(room: Room, mirror: Mirror, commit: string, signal: AbortSignal): Promise<Base> {
  const tree = baseTree(room, mirror, commit);
  const note = `${tree}.complete`;
  const known = await readNote(note);
  if (known !== null) return { tree, submodules: known };
  const [submodules] = await Promise.all([
    listSubmodules(room, mirror, commit),
    existsSync(tree) || makeAside(room.state, tree, (directory) => fill(room, { mirror, commit, directory, signal })),
  ]);
  // Beside the tree and not in it: nothing of ours is ever seen as a file of the repository.
  await writeFile(note, JSON.stringify(submodules.map((name) => name.toString('base64'))));
  return { tree, submodules };
}

export async function listSubmodules(room: Room, mirror: Mirror, commit: string): Promise<readonly Buffer[]> {
  const entries = await listTree(room.git, mirror, commit);
  return entries.filter((entry) => entry.mode === '160000').map((entry) => entry.name);
}

interface Filling {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly directory: string;
  readonly signal: AbortSignal;
}

async function fill(room: Room, { mirror, commit, directory, signal }: Filling): Promise<void> {
  const gitDirectory = path.join(directory, '.git');
  await mkdir(gitDirectory);
  const alternates = room.stage.at('objects', mirror.objects);
  await writeGitDirectory({ directory: gitDirectory, mirror, alternates, head: commit, excluded: [] });
  const source = directory;
  const mounts = [{ kind: 'writable', source, target: room.stage.at('workspace', source) } as const];
  await populate(room, { mirror, mounts, workspace: mounts[0].target, treeish: commit, signal });
}

async function readNote(file: string): Promise<readonly Buffer[] | null> {
  try {
    const names: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!Array.isArray(names)) return null;
    return names.map((name) => Buffer.from(String(name), 'base64'));
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}
