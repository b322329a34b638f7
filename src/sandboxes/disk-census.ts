/** What is in the directories a sandbox may write to, and which tracked files are gone. Follows no link. */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskCensus {
  /** Space on disk: a file with holes counts what it takes. */
  readonly bytes: number;
  readonly files: number;
}

const GONE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ESRCH', 'EPERM']);

/** Everything here may be changed or taken away by the agent while it is looked at. */
async function unlessGone<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof Error && 'code' in error && GONE.has(String(error.code))) return null;
    throw error;
  }
}

function entriesOf(directory: string): Promise<Dirent[] | null> {
  return unlessGone(readdir(directory, { withFileTypes: true }));
}

/** `st_blocks` counts in these, whatever the file system does. */
const BLOCK_BYTES = 512;

/** Looks no further once `enough` files were seen: there are too many then, and counting on would take long. */
export async function takeDiskCensus(directories: readonly string[], enough: number): Promise<DiskCensus> {
  const left = [...directories];
  let [bytes, files] = [0, 0];
  for (let directory = left.pop(); directory !== undefined && files < enough; directory = left.pop()) {
    for (const entry of (await entriesOf(directory)) ?? []) {
      const path = join(directory, entry.name);
      files += 1;
      if (entry.isDirectory()) left.push(path);
      else if (entry.isFile()) bytes += ((await unlessGone(lstat(path)))?.blocks ?? 0) * BLOCK_BYTES;
    }
  }
  return { bytes, files };
}

/** Tracked files, by directory. */
export interface TrackedDirectory {
  readonly files: string[];
  readonly directories: Map<string, TrackedDirectory>;
  /** With all below. */
  count: number;
}

function emptyDirectory(): TrackedDirectory {
  return { files: [], directories: new Map(), count: 0 };
}

export function trackedTree(files: readonly string[]): TrackedDirectory {
  const top = emptyDirectory();
  for (const file of files) {
    let at = top;
    const segments = file.split('/');
    const name = segments.pop() ?? '';
    at.count += 1;
    for (const segment of segments) {
      const next = at.directories.get(segment) ?? emptyDirectory();
      at.directories.set(segment, next);
      next.count += 1;
      at = next;
    }
    at.files.push(name);
  }
  return top;
}

/**
 * How many tracked files are not there. `live`: the tree as the inside sees it. `touched`: where it was written to, the upper
 * layer of an overlay or the tree itself; what was never touched is all there, and is not looked at.
 */
export async function countDeleted(tracked: TrackedDirectory, live: string, touched: string): Promise<number> {
  const [written, shown] = [await entriesOf(touched), await entriesOf(live)];
  if (written === null || shown === null) return 0;
  const names = new Set(shown.map(({ name }) => name));
  const directories = new Set(shown.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const touchedNames = new Set(written.map(({ name }) => name));
  let deleted = tracked.files.filter((name) => !names.has(name)).length;
  for (const [name, below] of tracked.directories) {
    if (!directories.has(name)) deleted += below.count;
    else if (touchedNames.has(name)) deleted += await countDeleted(below, join(live, name), join(touched, name));
  }
  return deleted;
}
