/**
 * Deletes directories loopwright made, and nothing else.
 *
 * The directory is opened first; its identity and marker are read through the handle; it is renamed into the trash, where
 * nobody else has a name for it; what arrived there must be what was opened. Only then is it taken apart, from opened
 * directories downwards, never through a symbolic link and never across a mount.
 */
import { constants, type Stats } from 'node:fs';
import { chmod, lstat, open, opendir, readdir, realpath, rename, rm, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import { readMarker } from './marker.ts';

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface Deletion {
  /** The directory that must go. */
  readonly directory: string;
  /** It must lie strictly below this one. */
  readonly below: string;
  readonly trash: string;
  /** What its marker must say. */
  readonly runId: string;
}

/** Resolves when nothing is left, also when there was nothing. Rejects with LW_DELETE_REFUSED. */
export async function deleteMarked(deletion: Deletion): Promise<void> {
  const { directory } = deletion;
  const handle = await openOrNull(directory);
  if (handle === null) return;
  try {
    const opened = await handle.stat();
    await verify(deletion, handle, opened);
    const grave = path.join(deletion.trash, `${deletion.runId}~${randomBytes(8).toString('hex')}`);
    await rename(directory, grave);
    const moved = await lstat(grave);
    if (moved.ino !== opened.ino || moved.dev !== opened.dev) {
      await rename(grave, directory);
      throw refused(directory, 'it was replaced while it was being deleted');
    }
    await bury(grave, opened.dev);
  } finally {
    await handle.close();
  }
}

/** Removes what an earlier deletion of this run left in the trash. */
export async function emptyTrash(trash: string, runId: string): Promise<void> {
  for (const name of await readdir(trash)) {
    if (name.startsWith(`${runId}~`)) await bury(path.join(trash, name), (await lstat(trash)).dev);
  }
}

async function openOrNull(directory: string): Promise<FileHandle | null> {
  try {
    return await open(directory, OPEN_DIRECTORY);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return null;
    if (hasSystemCode(error, 'ELOOP', 'ENOTDIR'))
      throw refused(directory, 'it is not a directory but a link or a file');
    throw error;
  }
}

async function verify(deletion: Deletion, handle: FileHandle, opened: Stats): Promise<void> {
  const { directory, below, runId } = deletion;
  const parent = path.dirname(directory);
  const inside = path.relative(below, directory);
  if (!path.isAbsolute(directory) || inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) {
    throw refused(directory, `it is not below ${below}`);
  }
  if ((await realpath(parent)) !== parent) throw refused(directory, `its parent ${parent} leads through a link`);
  for (const place of [homedir(), below]) {
    if (place === directory || place.startsWith(`${directory}${path.sep}`)) {
      throw refused(directory, `it holds ${place}`);
    }
  }
  const above = await lstat(parent);
  if (above.dev !== opened.dev) throw refused(directory, 'something is mounted on it');
  const marker = await readMarker(handlePath(handle, directory));
  if (marker !== runId) {
    throw refused(directory, marker === null ? 'it carries no marker' : `its marker says ${JSON.stringify(marker)}`);
  }
}

/**
 * A path that means the opened directory, whatever happens to its name. Without /proc the name is all there is; the
 * rename into the trash has then still taken it out of everybody's reach.
 */
function handlePath(handle: FileHandle, directory: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : directory;
}

/** Takes a directory of the trash apart. Verifies that it is gone. */
async function bury(grave: string, device: number): Promise<void> {
  if (process.platform === 'linux') await dismantle(grave, device);
  else await rm(grave, { recursive: true, force: true });
  if (await exists(grave)) throw refused(grave, 'something in it could not be removed');
}

/**
 * Iterative and flat: a subdirectory is first renamed to the top of the trash, so a tree a million levels deep needs
 * no more open files, no longer paths and no more stack than a shallow one. Names there are nobody's: a burial that was
 * killed left some, and counted from one they would be taken.
 */
async function dismantle(grave: string, device: number): Promise<void> {
  const waiting = [grave];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const current = next;
    await makeEnterable(current);
    const handle = await open(current, OPEN_DIRECTORY);
    try {
      if ((await handle.stat()).dev !== device) throw refused(current, 'something is mounted in it');
      const here = handlePath(handle, current);
      const entries = await readEntries(here);
      await eachOf(entries.files, (name) => unlink(join(here, name)));
      for (const name of entries.directories) {
        const top = `${grave}.${randomBytes(8).toString('hex')}`;
        await makeEnterable(join(here, name));
        await rename(join(here, name), top);
        waiting.push(top);
      }
    } finally {
      await handle.close();
    }
    await rmdir(current);
  }
}

/** Names are bytes: a name that is not UTF-8 must be removable too. */
function join(directory: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), name]);
}

async function readEntries(directory: string): Promise<{ files: Buffer[]; directories: Buffer[] }> {
  const files: Buffer[] = [];
  const directories: Buffer[] = [];
  // Typed for text only, although it hands out bytes when asked for them.
  const listing = await opendir(directory, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  for await (const entry of listing) {
    const name = entry.name as unknown as Buffer;
    const isDirectory = entry.isDirectory() || (isUnknown(entry) && (await lstat(join(directory, name))).isDirectory());
    (isDirectory ? directories : files).push(name);
  }
  return { files, directories };
}

/** Some file systems do not say in a listing what an entry is. */
function isUnknown(entry: { isFile(): boolean; isSymbolicLink(): boolean; isFIFO(): boolean }): boolean {
  return !entry.isFile() && !entry.isSymbolicLink() && !entry.isFIFO();
}

const AT_ONCE = 32;

async function eachOf(names: readonly Buffer[], act: (name: Buffer) => Promise<void>): Promise<void> {
  for (let at = 0; at < names.length; at += AT_ONCE) {
    await Promise.all(names.slice(at, at + AT_ONCE).map(act));
  }
}

/** A directory without permissions can be neither read nor moved. Never follows: the name was just seen as a directory. */
async function makeEnterable(directory: string | Buffer): Promise<void> {
  const seen = await lstat(directory);
  if (seen.isDirectory() && (seen.mode & 0o700) !== 0o700) await chmod(directory, 0o700);
}

async function exists(target: string): Promise<boolean> {
  try {
    await lstat(target);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function refused(directory: string, why: string): LoopwrightError {
  return new LoopwrightError('LW_DELETE_REFUSED', {
    message: `${directory} was not deleted: ${why}`,
    next: 'Look at it by hand. loopwright deletes only directories it made itself.',
    details: { directory, why },
  });
}
