/** Parts of a writable mount that a launch may not write to: the same files, bound once more and read-only. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../../ports/sandbox.ts';
import { below, layersOf, outerOf } from '../mount-points.ts';
import { lockedOverlayArguments } from './overlay.ts';
import type { OverlayMethod } from './overlay.ts';

function argumentsAt(mounts: readonly Mount[], index: number, overlay: OverlayMethod | null): readonly string[] {
  const target = mounts[index]?.target ?? '';
  const outer = outerOf(mounts, index);
  const path = outer === null ? null : below(outer, target);
  if (outer === null || path === null) return [];
  const layers = layersOf(outer).map((layer) => join(layer, path));
  if (outer.kind !== 'overlay' || overlay === null) return layers.flatMap((layer) => ['--ro-bind', layer, target]);
  const shown = layers.map((layer) => ({ layer, entry: lstatSync(layer, { throwIfNoEntry: false }) }));
  const present = shown.filter(({ entry }) => entry !== undefined);
  // A file of the upper layer is the whole file; only directories are put together.
  const isFile = present[0]?.entry?.isFile() ?? false;
  const merged = present.slice(0, isFile ? 1 : present.length).map(({ layer }) => layer);
  return lockedOverlayArguments(overlay, outer, { path, layers: merged, target });
}

/** Arguments of bubblewrap by target, for every `locked` mount. Looks at the layers of overlays. */
export function lockedParts(
  mounts: readonly Mount[],
  overlay: OverlayMethod | null,
): ReadonlyMap<string, readonly string[]> {
  const locked = mounts.flatMap((mount, index) => (mount.kind === 'locked' ? [index] : []));
  return new Map(locked.map((index) => [mounts[index]?.target ?? '', argumentsAt(mounts, index, overlay)]));
}
