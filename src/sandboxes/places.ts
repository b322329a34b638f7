/** Where a path of a launch really is when nothing can be remapped. */
import { LoopwrightError } from '../core/errors.ts';
import type { Mount } from '../ports/sandbox.ts';

/**
 * The host path of a path inside: below the target of a read-only or writable mount it is below its source, anywhere else
 * it is itself. The innermost mount decides. Throws `LW_SANDBOX_LAUNCH` for an overlay, which cannot be had without mounts.
 */
export function hostPath(mounts: readonly Mount[], inside: string): string {
  let innermost: { readonly source: string; readonly target: string } | null = null;
  for (const mount of mounts) {
    if (mount.kind === 'overlay') {
      throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
        message: `an overlay on ${mount.target} was asked for, and here nothing can be mounted`,
        next: 'Let the workspace be a clone, or use `sandbox: bubblewrap`.',
      });
    }
    // A cover hides nothing here, and must not lead anywhere else.
    const isCover = mount.kind === 'read-only' && mount.ifPresent === true;
    if (mount.kind === 'link' || mount.kind === 'locked' || isCover) continue;
    const covers = inside === mount.target || inside.startsWith(`${mount.target.replace(/\/$/u, '')}/`);
    if (covers && mount.target.length >= (innermost?.target.length ?? 0)) innermost = mount;
  }
  return innermost === null ? inside : innermost.source + inside.slice(innermost.target.replace(/\/$/u, '').length);
}
