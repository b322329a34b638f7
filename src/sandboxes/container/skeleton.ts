/**
 * What a launch lies on: an empty root with the links and the few files a system has, put below everything as a read-only
 * layer, and the files podman reads and writes. All of it is of known names, so that it can be taken away again by name.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasSystemCode } from '../../core/system-code.ts';
import { noRoomToTry } from '../look-inside.ts';

export interface Skeleton {
  /** Of the container. */
  readonly name: string;
  readonly root: string;
  /** Where podman writes the number of the first process, as the host counts. */
  readonly pidFile: string;
  readonly filterFile: string | null;
  /** Shown in the place of files that are not to be read. */
  readonly emptyFile: string;
  remove(): void;
}

export interface SkeletonPlan {
  /** Path inside to what it leads to. */
  readonly links: Readonly<Record<string, string>>;
  /** Path inside to what it holds. */
  readonly files: Readonly<Record<string, string>>;
  /** The filter on system calls, JSON; null: podman's own. */
  readonly filter: string | null;
}

/** Every directory above `path`, the outermost first, without the root. */
function above(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '/' || parent === '.' ? [] : [...above(parent), parent];
}

function makeDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'loopwright-container-'));
  } catch (error) {
    throw error instanceof Error ? noRoomToTry(tmpdir(), error) : error;
  }
}

/** Throws `LW_SANDBOX_UNAVAILABLE` or `LW_DISK_FULL` where no directory can be made. */
export function makeSkeleton({ links, files, filter }: SkeletonPlan): Skeleton {
  const directory = makeDirectory();
  const root = join(directory, 'root');
  mkdirSync(root);
  const entries = [...Object.keys(links), ...Object.keys(files)];
  const directories = [...new Set(entries.flatMap(above))];
  for (const path of directories) mkdirSync(join(root, path), { recursive: true });
  for (const [path, to] of Object.entries(links)) symlinkSync(to, join(root, path));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text, { mode: 0o644 });
  const [pidFile, filterFile] = [join(directory, 'pid'), join(directory, 'filter.json')];
  const emptyFile = join(directory, 'empty');
  writeFileSync(emptyFile, '', { mode: 0o444 });
  if (filter !== null) writeFileSync(filterFile, filter, { mode: 0o600 });
  return {
    name: `loopwright-${randomUUID()}`,
    root,
    pidFile,
    filterFile: filter === null ? null : filterFile,
    emptyFile,
    remove() {
      for (const path of entries) rmSync(join(root, path), { force: true });
      for (const path of directories.toReversed()) rmdirSync(join(root, path));
      for (const file of [pidFile, filterFile, emptyFile]) rmSync(file, { force: true });
      rmdirSync(root);
      rmdirSync(directory);
    },
  };
}

/** null until podman has written it whole. */
export function readPid(pidFile: string): number | null {
  try {
    const text = readFileSync(pidFile, 'utf8');
    return /^\d+\s*$/u.test(text) ? Number(text) : null;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return null;
    throw error;
  }
}
