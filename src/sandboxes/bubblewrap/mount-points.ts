/**
 * A mount point inside another mount is a path an agent may have shaped. bubblewrap follows symbolic links in it, and one
 * that leads to where bubblewrap keeps the old root makes the mount vanish without a word: whatever it was to protect or
 * show would not be there.
 */
import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { LoopwrightError } from '../../core/errors.ts';
import type { Mount } from '../../ports/sandbox.ts';

/** Host directories of which the mount shows the first that has an entry. */
function layersOf(mount: Mount): readonly string[] {
  if (mount.kind === 'overlay') return [mount.upper, ...mount.lower];
  return mount.kind === 'link' ? [] : [mount.source];
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A file stands where a directory is needed: no link, and bubblewrap will say so itself.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function isLink(layers: readonly string[], path: string): boolean {
  const shown = layers.map((layer) => entryAt(join(layer, path))).find((entry) => entry !== undefined);
  return shown?.isSymbolicLink() ?? false;
}

/** The part of `target` below `mount`, or null. */
function below(mount: Mount, target: string): string | null {
  const root = mount.target.replace(/\/+$/u, '');
  return target.startsWith(`${root}/`) ? target.slice(root.length + 1) : null;
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
