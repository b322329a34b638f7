/** Pristine checkouts of base commits: the read-only lower layer of every overlay, made once and used by many runs. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { listTree } from './base-reader.ts';
import type { Mount } from '../ports/sandbox.ts';
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
  const known = await readNote(noteOf(tree));
  if (known !== null) {
    if (!known.settled) await settle(tree, known);
    return { tree, submodules: known.submodules };
  }
  const [submodules] = await Promise.all([
    listSubmodules(room, mirror, commit),
    existsSync(tree) || makeAside(room.state, tree, (directory) => fill(room, { mirror, commit, directory, signal })),
  ]);
  await writeNote(tree, { submodules, settled: false });
  return { tree, submodules };
}

/** Beside the tree and not in it: nothing of ours is ever seen as a file of the repository. */
function noteOf(tree: string): string {
  return `${tree}.complete`;
}

/**
 * git reads a file again whenever its time lies in the second its index was written, or later: it could have been changed
 * unnoticed. That second being over, and nobody ever writing here, the index can say so; it spares every later reader.
 */
async function settle(tree: string, note: Note): Promise<void> {
  const index = path.join(tree, '.git', 'index');
  const now = new Date();
  const written = (await stat(index)).mtime;
  if (Math.floor(now.getTime() / 1_000) <= Math.floor(written.getTime() / 1_000)) return;
  await utimes(index, now, now);
  await writeNote(tree, { ...note, settled: true });
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
  const workspace = room.stage.at('workspace', directory);
  const mounts: readonly Mount[] = [{ kind: 'writable', source: directory, target: workspace }];
  await populate(room, { mirror, mounts, workspace, treeish: commit, signal });
}

interface Note {
  readonly submodules: readonly Buffer[];
  readonly settled: boolean;
}

async function readNote(file: string): Promise<Note | null> {
  try {
    const note: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof note !== 'object' || note === null || !('submodules' in note) || !Array.isArray(note.submodules))
      return null;
    const submodules = note.submodules.map((name) => Buffer.from(String(name), 'base64'));
    return { submodules, settled: 'settled' in note && note.settled === true };
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function writeNote(tree: string, note: Note): Promise<void> {
  const file = noteOf(tree);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const submodules = note.submodules.map((name) => name.toString('base64'));
  await writeFile(draft, JSON.stringify({ submodules, settled: note.settled }));
  await rename(draft, file);
}
