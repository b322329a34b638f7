/**
 * The /etc of the sandbox as one directory. Its parts one by one are some twenty mounts, and they were half of what a start
 * costs over bare bubblewrap. The directory is made once for what the host has, and kept: it holds copies, so nothing of
 * the host is reached through it. Around it lies one with the sign by which it is deleted one day, which nobody inside sees.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hasSystemCode, systemCode } from '../../core/system-code.ts';
import type { SystemPart } from '../host-view.ts';

export interface SkeletonSource {
  /** The parts of the host; those that are not in /etc are left alone. */
  readonly parts: readonly SystemPart[];
  /** Files with a content of ours, by the path they have inside. */
  readonly files: readonly (readonly [target: string, content: string])[];
}

/** A file in the directory around, from its first instant: without it nobody deletes the directory. */
export interface KeptMark {
  readonly name: string;
  readonly text: string;
}

/** Where directories are kept, absolute. */
export interface KeptPlace {
  readonly directory: string;
  readonly mark: KeptMark;
}

/** Changed with what such a directory looks like: then those of an earlier loopwright have other names. */
const LAYOUT = 'a mark, and etc';

/** In a directory that is being made; `etc-` is in one that is made. */
export const BEGUN = 'begun-';

/** What is copied is configuration and certificates; whoever has more of it than this, in bytes, does without. */
const MOST_BYTES = 32 * 2 ** 20;
const MOST_ENTRIES = 20_000;

/** Why a copy cannot be made, and mounts still can: no room, no rights, something that is neither file nor directory. */
const EXPECTED = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ERR_FS_CP_EINVAL']);
const UNKNOWN_KINDS = new Set(['ERR_FS_CP_SOCKET', 'ERR_FS_CP_FIFO_PIPE', 'ERR_FS_CP_UNKNOWN']);

export function isInEtc({ path }: SystemPart): boolean {
  return path.startsWith('/etc/');
}

interface Sum {
  readonly hash: ReturnType<typeof createHash>;
  bytes: number;
  entries: number;
}

/** Names, sizes, times and where links lead: what changes when a package is installed. */
function add(sum: Sum, path: string): void {
  const stat = lstatSync(path);
  const leads = stat.isSymbolicLink() ? readlinkSync(path) : '';
  sum.hash.update([path, stat.mode, stat.ino, stat.size, stat.mtimeMs, leads, ''].join('\0'));
  sum.bytes += stat.isFile() ? stat.size : 0;
  sum.entries += 1;
  if (sum.bytes > MOST_BYTES || sum.entries > MOST_ENTRIES || !stat.isDirectory()) return;
  for (const name of readdirSync(path).toSorted()) add(sum, join(path, name));
}

/** Another number after each start of the machine: what was being copied when it lost its power may be there by name alone. */
export function bootId(): string {
  const path = '/proc/sys/kernel/random/boot_id';
  return existsSync(path) ? readFileSync(path, 'utf8').trim().replaceAll('-', '') : 'boot';
}

function build(place: string, { parts, files }: SkeletonSource): void {
  for (const part of parts) {
    const target = join(place, part.path.slice('/etc/'.length));
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    if (part.kind === 'link') symlinkSync(part.to, target);
    else cpSync(part.path, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  for (const [target, content] of files)
    writeFileSync(join(place, target.slice('/etc/'.length)), content, { mode: 0o644 });
}

function make({ directory, mark }: KeptPlace, name: string, source: SkeletonSource): void {
  const [place, begun] = [join(directory, name), join(directory, `${BEGUN}${randomUUID()}`)];
  try {
    mkdirSync(begun, { mode: 0o755 });
    writeFileSync(join(begun, mark.name), mark.text, { flag: 'wx' });
    mkdirSync(join(begun, 'etc'), { mode: 0o755 });
    build(join(begun, 'etc'), source);
    // Another process may have been faster: then the directory is not empty, and as good as this one.
    if (!existsSync(place)) renameSync(begun, place);
  } catch (error) {
    if (!hasSystemCode(error, 'ENOTEMPTY')) throw error;
  } finally {
    rmSync(begun, { recursive: true, force: true });
  }
}

/** Name of the directory for what the host has now. null: it holds too much, or what cannot be copied. */
export function skeletonName({ parts, files }: SkeletonSource): string | null {
  const sum: Sum = { hash: createHash('sha256').update(LAYOUT), bytes: 0, entries: 0 };
  for (const part of parts.filter(isInEtc)) {
    if (part.kind !== 'read-only' && part.kind !== 'link') return null;
    add(sum, part.path);
  }
  if (sum.bytes > MOST_BYTES || sum.entries > MOST_ENTRIES) return null;
  for (const [target, content] of files) sum.hash.update(`${target}\0${content}\0`);
  return `etc-${bootId()}-${sum.hash.digest('hex').slice(0, 32)}`;
}

/**
 * Path of the directory, made where it is not there yet. null: it cannot be made, and the parts have to be mounted one by
 * one, which shows the same.
 */
export function skeletonIn(kept: KeptPlace, source: SkeletonSource): string | null {
  const own = { ...source, parts: source.parts.filter(isInEtc) };
  try {
    const name = skeletonName(own);
    if (name === null) return null;
    const place = join(kept.directory, name);
    const now = new Date();
    // When it was last asked for: what nobody asks for any more is deleted one day.
    if (existsSync(join(place, 'etc'))) utimesSync(place, now, now);
    else {
      mkdirSync(kept.directory, { recursive: true, mode: 0o700 });
      make(kept, name, own);
    }
    return join(place, 'etc');
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (EXPECTED.has(code) || UNKNOWN_KINDS.has(code)) return null;
    throw error;
  }
}
