/** Pristine checkouts of base commits: the read-only lower layer of every overlay, made once and used by many runs. */
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import { listTree } from './base-reader.ts';
import type { Mount } from '../ports/sandbox.ts';
import { makeAside } from './draft.ts';
import { writeGitDirectory } from './git-directory.ts';
import { writeMarker } from './marker.ts';
import type { Mirror } from './mirror.ts';
import type { Room } from './room.ts';
import { deleteMarked } from './safe-delete.ts';
import type { StateDirectory } from './state-directory.ts';
import { populate } from './populate.ts';

export interface Base {
  readonly tree: string;
  /** Paths of submodules on this commit. */
  readonly submodules: readonly Buffer[];
}

/** Holds the marker, the note and, beside them so that nothing of ours is ever seen as a file of the repository, the tree. */
function baseDirectory(state: StateDirectory, mirror: Mirror, commit: string): string {
  return path.join(state.bases, mirror.repositoryId, commit);
}

/** Where the checkout of a base lies, made or not. */
export function baseTree(room: Room, mirror: Mirror, commit: string): string {
  return path.join(baseDirectory(room.state, mirror, commit), 'tree');
}

export async function openBase(room: Room, mirror: Mirror, commit: string, signal: AbortSignal): Promise<Base> {
  const directory = baseDirectory(room.state, mirror, commit);
  let note = await readNote(directory);
  if (note === null) {
    await makeAside(room.state, directory, (draft) => fill(room, { mirror, commit, directory: draft, signal }));
    note = await readNote(directory);
    if (note === null) throw damaged(directory);
  } else {
    await used(directory, note);
  }
  return { tree: path.join(directory, 'tree'), submodules: note.submodules };
}

/** Bases are made aside and renamed into place, so only somebody else can have taken one apart. */
function damaged(directory: string): LoopwrightError {
  return new LoopwrightError('LW_WORKSPACE_LOST', {
    message: `the kept checkout ${directory} is not complete: what loopwright noted about it is missing`,
    next: 'Remove that directory, then run again: it is made anew.',
    details: { directory },
  });
}

async function used(directory: string, note: Note): Promise<void> {
  const now = new Date();
  if (!note.settled) await settle(directory, note);
  await utimes(path.join(directory, NOTE), now, now);
}

/** A base nobody used for this long is deleted; making it again takes seconds. */
const KEEP_MS = 7 * 24 * 3_600_000;

/** Deletes bases that were not used for a week and that no workspace stands on. */
export async function sweepBases(state: StateDirectory, inUse: ReadonlySet<string>, now: number): Promise<void> {
  for (const repositoryId of await readdir(state.bases)) {
    const below = path.join(state.bases, repositoryId);
    for (const commit of await readdir(below)) {
      const directory = path.join(below, commit);
      const lastUse = await stat(path.join(directory, NOTE)).catch(ignoreMissing);
      if (lastUse === null || inUse.has(commit) || now - lastUse.mtimeMs < KEEP_MS) continue;
      await deleteMarked({ directory, below, trash: state.trash, runId: baseId(commit) });
    }
  }
}

function ignoreMissing(error: unknown): null {
  if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return null;
  throw error;
}

/** What the marker of a base says. */
function baseId(commit: string): string {
  return `base-${commit}`;
}

/**
 * git reads a file again whenever its time lies in the second its index was written, or later: it could have been changed
 * unnoticed. That second being over, and nobody ever writing here, the index can say so; it spares every later reader.
 */
async function settle(directory: string, note: Note): Promise<void> {
  const index = path.join(directory, 'tree', '.git', 'index');
  const now = new Date();
  const written = (await stat(index)).mtime;
  if (Math.floor(now.getTime() / 1_000) <= Math.floor(written.getTime() / 1_000)) return;
  await utimes(index, now, now);
  await writeNote(directory, { ...note, settled: true });
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
  const tree = path.join(directory, 'tree');
  const gitDirectory = path.join(tree, '.git');
  await mkdir(gitDirectory, { recursive: true });
  const alternates = room.stage.at('objects', mirror.objects);
  await writeGitDirectory({ directory: gitDirectory, mirror, alternates, head: commit, excluded: [] });
  const workspace = room.stage.at('workspace', tree);
  const mounts: readonly Mount[] = [{ kind: 'writable', source: tree, target: workspace }];
  const [submodules] = await Promise.all([
    listSubmodules(room, mirror, commit),
    populate(room, { mirror, mounts, workspace, treeish: commit, signal }),
  ]);
  await writeMarker(directory, baseId(commit));
  await writeNote(directory, { submodules, settled: false });
}

const NOTE = 'complete.json';

interface Note {
  readonly submodules: readonly Buffer[];
  readonly settled: boolean;
}

async function readNote(directory: string): Promise<Note | null> {
  try {
    const note: unknown = JSON.parse(await readFile(path.join(directory, NOTE), 'utf8'));
    if (typeof note !== 'object' || note === null || !('submodules' in note) || !Array.isArray(note.submodules))
      return null;
    const submodules = note.submodules.map((name) => Buffer.from(String(name), 'base64'));
    return { submodules, settled: 'settled' in note && note.settled === true };
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function writeNote(directory: string, note: Note): Promise<void> {
  const file = path.join(directory, NOTE);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const submodules = note.submodules.map((name) => name.toString('base64'));
  await writeFile(draft, JSON.stringify({ submodules, settled: note.settled }));
  await rename(draft, file);
}
