/** Parts of a writable mount that a launch may not write to: the same files, mounted once more and read-only. */
import { join } from 'node:path';
import type { Mount } from '../../ports/sandbox.ts';
import { below, layersOf, outerOf } from '../mount-points.ts';

/** On the host. null where the mount lies in no other. */
export function lockedSource(mounts: readonly Mount[], index: number): string | null {
  const outer = outerOf(mounts, index);
  const path = outer === null ? null : below(outer, mounts[index]?.target ?? '');
  const layer = outer === null ? undefined : layersOf(outer)[0];
  return layer === undefined || path === null ? null : join(layer, path);
}
