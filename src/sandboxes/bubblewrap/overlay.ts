/** Copy-on-write mounts, in the two ways there are without root. */
import { LoopwrightError } from '../../core/errors.ts';
import type { Mount } from '../../ports/sandbox.ts';

export type OverlayMount = Extract<Mount, { kind: 'overlay' }>;

/** `bubblewrap`: its own `--overlay`, since 0.11. `unshare`: mounted before bubblewrap starts, in a namespace of ours. */
export type OverlayMethod =
  | { readonly kind: 'bubblewrap' }
  | { readonly kind: 'unshare'; readonly unshare: string; readonly mount: string; readonly shell: string };

/** First release of bubblewrap with `--overlay`. */
const OVERLAY_SINCE = [0, 11] as const;

export function hasOwnOverlay(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OVERLAY_SINCE[0] || (major === OVERLAY_SINCE[0] && minor >= OVERLAY_SINCE[1]);
}

/**
 * Mounts each OPTIONS WHERE pair and becomes the command after `--`. Fixed text; paths only ever arrive as positional
 * parameters.
 */
const MOUNT_THEN_EXEC = `set -e
mount=$1
shift
while [ "$1" != -- ]; do
  "$mount" -t overlay -o "$1" loopwright "$2"
  shift 2
done
shift
exec "$@"`;

/** Separators of overlay options. How they are escaped differs between versions of mount(8) and of the kernel. */
const SEPARATORS = /[:,\\"]/u;

function plain(path: string): string {
  if (!SEPARATORS.test(path)) return path;
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `an overlay cannot be made of ${JSON.stringify(path)}: the path holds one of : , \\ " which separate the options of the mount`,
    next: 'Set LOOPWRIGHT_HOME to a directory without these characters, or install bubblewrap 0.11 or newer.',
    details: { path },
  });
}

/**
 * The command that comes before bubblewrap. The overlay is mounted onto its own `work` directory: it exists, it is empty,
 * and nothing else of the launch refers to it.
 */
export function overlayPrefix(method: OverlayMethod, overlays: readonly OverlayMount[]): readonly string[] {
  if (method.kind === 'bubblewrap' || overlays.length === 0) return [];
  const mounts = overlays.flatMap(({ lower, upper, work }) => [
    `lowerdir=${lower.map(plain).join(':')},upperdir=${plain(upper)},workdir=${plain(work)},userxattr`,
    work,
  ]);
  const namespace = [method.unshare, '--user', '--map-root-user', '--mount', '--'];
  return [...namespace, method.shell, '-c', MOUNT_THEN_EXEC, 'loopwright', method.mount, ...mounts, '--'];
}

/** The arguments of bubblewrap that make the overlay appear at its target. */
export function overlayArguments(method: OverlayMethod, overlay: OverlayMount): readonly string[] {
  if (method.kind === 'unshare') return ['--bind', overlay.work, overlay.target];
  // bubblewrap wants the bottom first; in the port the first one wins.
  const sources = [...overlay.lower].reverse().flatMap((lower) => ['--overlay-src', lower]);
  return [...sources, '--overlay', overlay.upper, overlay.work, overlay.target];
}

/**
 * The arguments that show part of an overlay once more, read-only. `layers`: the directories of the host that have the part,
 * the first wins. bubblewrap's own overlay has no path outside that could be bound.
 */
export function lockedOverlayArguments(
  method: OverlayMethod,
  overlay: OverlayMount,
  part: { readonly path: string; readonly layers: readonly string[]; readonly target: string },
): readonly string[] {
  if (method.kind === 'unshare') return ['--ro-bind', `${overlay.work}/${part.path}`, part.target];
  const [first, ...others] = part.layers;
  if (first !== undefined && others.length === 0) return ['--ro-bind', first, part.target];
  return [...[...part.layers].reverse().flatMap((layer) => ['--overlay-src', layer]), '--ro-overlay', part.target];
}
