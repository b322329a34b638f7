/** The directory of a run: its workspace, its collector, its checks, and a note of what was made. */
import { lstat, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { GuardedTree } from '../core/event.ts';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import { treeOf, type CheckoutKind, type Site } from './checkouts.ts';
import { NOTHING_GUARDED } from './guarded.ts';
import { makeMarkedDirectory, readMarker } from './marker.ts';
import { deleteMarked, emptyTrash } from './safe-delete.ts';
import { isRunId, type StateDirectory } from './state-directory.ts';

/** Written last, so a directory without it is half made. */
const NOTE = 'workspace.json';

export interface RunNote {
  readonly kind: CheckoutKind;
  readonly base: string;
  readonly baseTree: string;
  readonly dependencies: readonly string[];
  /** Identity of the directory the agent writes. */
  readonly inode: string;
  readonly guarded: GuardedTree;
}

/** An empty, marked directory for the run; a half-made or earlier one is deleted first. */
export async function makeRunDirectory(state: StateDirectory, runId: string): Promise<string> {
  const directory = state.run(runId);
  await deleteRunDirectory(state, runId);
  await makeMarkedDirectory(directory, runId);
  return directory;
}

export async function deleteRunDirectory(state: StateDirectory, runId: string): Promise<void> {
  await deleteMarked({ directory: state.run(runId), below: state.runs, trash: state.trash, runId });
  await emptyTrash(state.trash, runId);
}

/** Base commits that workspaces on this machine stand on. */
export async function basesInUse(state: StateDirectory): Promise<ReadonlySet<string>> {
  const runIds = (await readdir(state.runs)).filter(isRunId);
  const notes = await Promise.all(runIds.map((runId) => readRunNote(state.run(runId), runId)));
  return new Set(notes.flatMap((note) => (note === null ? [] : [note.base])));
}

export async function writeRunNote(directory: string, note: RunNote): Promise<void> {
  const draft = path.join(directory, `${NOTE}.${randomBytes(4).toString('hex')}`);
  await writeFile(draft, JSON.stringify(note));
  await rename(draft, path.join(directory, NOTE));
}

/** null when there is no complete workspace of this run. */
export async function readRunNote(directory: string, runId: string): Promise<RunNote | null> {
  if ((await readMarker(directory)) !== runId) return null;
  try {
    return asRunNote(JSON.parse(await readFile(path.join(directory, NOTE), 'utf8')));
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

function asRunNote(value: unknown): RunNote | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, base, baseTree, dependencies, inode, guarded } = value as Partial<Record<keyof RunNote, unknown>>;
  if (kind !== 'overlay' && kind !== 'clone') return null;
  if (typeof base !== 'string' || typeof baseTree !== 'string' || typeof inode !== 'string') return null;
  if (!Array.isArray(dependencies)) return null;
  return { kind, base, baseTree, dependencies: dependencies.map(String), inode, guarded: asGuarded(guarded) };
}

/** Runs from before there were guards have none. */
function asGuarded(value: unknown): GuardedTree {
  if (typeof value !== 'object' || value === null) return NOTHING_GUARDED;
  const { hidden, heldBack, emptied, locked, loose } = value as Partial<Record<keyof GuardedTree, unknown>>;
  const names = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map(String) : []);
  const known = { hidden: names(hidden), emptied: names(emptied), locked: names(locked), loose: Number(loose ?? 0) };
  return heldBack === undefined ? known : { ...known, heldBack: names(heldBack) };
}

export async function inodeOf(directory: string): Promise<string | null> {
  try {
    const seen = await lstat(directory, { bigint: true });
    return seen.isDirectory() ? String(seen.ino) : null;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** The directory the agent writes must still be the one that was made, not a link and not another. */
export async function requireSite(site: Site, inode: string): Promise<void> {
  const seen = await inodeOf(treeOf(site));
  if (seen === null) throw workspaceLost(site, `${treeOf(site)} is missing, or is not a directory any more`);
  if (seen !== inode) throw workspaceLost(site, `${treeOf(site)} is not the directory that was made for this run`);
}

export function workspaceLost(site: Site, why: string): LoopwrightError {
  return new LoopwrightError('LW_WORKSPACE_LOST', {
    message: `the workspace of run ${site.source.runId} is lost: ${why}`,
    next: 'What was collected before is kept: `loopwright diff RUN`. Start a new run for the rest.',
    details: { runId: site.source.runId, directory: site.directory },
  });
}
