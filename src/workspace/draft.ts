/** Directories that several processes may make at once: made aside, put in place by one rename. */
import { mkdir, rename } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { hasSystemCode } from '../core/system-code.ts';
import { makeMarkedDirectory } from './marker.ts';
import { deleteMarked } from './safe-delete.ts';
import type { StateDirectory } from './state-directory.ts';

/**
 * Fills a new directory and renames it to `target`. Nobody ever sees it half filled. Resolves to false when another
 * process put one there first; what was made here is then deleted.
 */
export async function makeAside(
  state: StateDirectory,
  target: string,
  fill: (directory: string) => Promise<void>,
): Promise<boolean> {
  const name = `draft-${randomBytes(8).toString('hex')}`;
  const holder = path.join(state.drafts, name);
  await makeMarkedDirectory(holder, name);
  try {
    const directory = path.join(holder, 'content');
    await mkdir(directory, { mode: 0o700 });
    await fill(directory);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await rename(directory, target);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'ENOTEMPTY', 'EEXIST') && error.syscall === 'rename') return false;
    throw error;
  } finally {
    await deleteMarked({ directory: holder, below: state.drafts, trash: state.trash, runId: name });
  }
}
