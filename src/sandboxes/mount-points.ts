/**
 * A mount point inside another mount is a path an agent may have shaped. bubblewrap follows symbolic links in it, and one
 * that leads to where bubblewrap keeps the old root makes the mount vanish without a word: whatever it was to protect or
 * show would not be there.
 */
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { Mount } from '../ports/sandbox.ts';

/** Host directories of which the mount shows the first that has an entry. */
export function layersOf(mount: Mount): readonly string[] {
  if (mount.kind === 'overlay') return [mount.upper, ...mount.lower];
  return mount.kind === 'link' || mount.kind === 'locked' ? [] : [mount.source];
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A file stands where a directory is needed: no link, and bubblewrap will say so itself.
    if (hasSystemCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isLink(layers: readonly string[], path: string): boolean {
  const shown = layers.map((layer) => entryAt(join(layer, path))).find((entry) => entry !== undefined);
  return shown?.isSymbolicLink() ?? false;
}

/** The part of `target` below `mount`, or null. */
export function below(mount: Mount, target: string): string | null {
  const root = mount.target.replace(/\/+$/u, '');
  return target.startsWith(`${root}/`) ? target.slice(root.length + 1) : null;
}

/** A removal in the upper layer of an overlay: a character device of number 0. */
function isWhiteOut(entry: Stats): boolean {
  return entry.isCharacterDevice() && entry.rdev === 0;
}

/** What the mount shows at `path` below it, or undefined. Leading directories may be links; whoever asks has looked. */
function shownAt(mount: Mount, path: string): Stats | undefined {
  const entry = layersOf(mount)
    .map((layer) => entryAt(join(layer, path)))
    .find((found) => found !== undefined);
  return entry === undefined || isWhiteOut(entry) ? undefined : entry;
}

/** Whether every part of the way exists and is real, down to a file or a directory. */
function isThere(outer: Mount, path: string): boolean {
  const parts = path.split('/');
  return parts.every((_, index) => {
    const entry = shownAt(outer, parts.slice(0, index + 1).join('/'));
    return index < parts.length - 1 ? entry?.isDirectory() : entry?.isDirectory() || entry?.isFile();
  });
}

/** The mount made before it in which the target lies: the last of the innermost. */
export function outerOf(mounts: readonly Mount[], index: number): Mount | null {
  const target = mounts[index]?.target ?? '';
  const around = mounts
    .slice(0, index)
    .filter((mount) => mount.kind !== 'locked' && below(mount, target) !== null)
    .sort((a, b) => a.target.length - b.target.length);
  return around.at(-1) ?? null;
}

/** Without those that are to cover something where there is nothing, or nothing real. */
export function presentMounts(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.filter((mount, index) => {
    if (mount.kind !== 'locked' && !(mount.kind === 'read-only' && mount.ifPresent === true)) return true;
    const outer = outerOf(mounts, index);
    return outer !== null && isThere(outer, below(outer, mount.target) ?? '');
  });
}

/** Throws `LW_SANDBOX_LAUNCH` when a mount point lies behind a symbolic link of a mount made before it. */
export function requireRealMountPoints(mounts: readonly Mount[]): void {
  for (const [index, { target, kind }] of mounts.entries()) {
    for (const outer of mounts.slice(0, index)) {
      const parts =
        below(outer, target)
          ?.split('/')
          .filter((part) => part !== '') ?? [];
      // A link that is to be made may be there already.
      const checked = kind === 'link' ? parts.length - 1 : parts.length;
      for (let depth = 1; depth <= checked; depth += 1) {
        const path = parts.slice(0, depth).join('/');
        if (!isLink(layersOf(outer), path)) continue;
        throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
          message: `nothing is mounted at ${target}: ${path} in ${outer.target} is a symbolic link`,
          next: 'Remove the link from the workspace, or exclude the directory from the policy.',
          details: { target, link: path },
        });
      }
    }
  }
}
