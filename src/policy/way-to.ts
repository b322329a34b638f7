/** Whether others than root and us could put another thing in place of a path of the host: every step of the way is asked. */
import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { stepDistrust, type FileDistrust } from '../core/file-trust.ts';

/** As many links as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

export interface DistrustedStep extends FileDistrust {
  readonly path: string;
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/**
 * The first step from the root down to the directory that holds `path` that others could change, links and what they lead
 * through included; null where there is none. `path`: absolute, without `..`. Rejects as `lstat` does, and with `ELOOP`.
 */
export async function distrustedStep(path: string, ownUid: number | null): Promise<DistrustedStep | null> {
  const ahead = [...partsOf(dirname(path))];
  let [at, links] = ['/', 0];
  for (let next: string | undefined = '.'; next !== undefined; next = ahead.shift()) {
    const step = join(at, next);
    const stats = await lstat(step);
    const isLink = stats.isSymbolicLink();
    const distrust = stepDistrust({ mode: stats.mode, uid: stats.uid, isLink }, ownUid);
    if (distrust !== null) return { path: step, ...distrust };
    if (isLink) {
      links += 1;
      if (links > MAX_LINKS) throw Object.assign(new Error(`${path} has too many links`), { code: 'ELOOP' });
      const target = await readlink(step);
      // `at` has no link in it, so that `..` in the target is its parent.
      if (isAbsolute(target)) at = '/';
      ahead.unshift(...partsOf(target));
    } else at = step;
  }
  return null;
}
