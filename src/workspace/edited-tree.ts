/** A tree with some entries replaced, made in an index of its own, so that no work tree is needed. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { rm } from 'node:fs/promises';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { StateDirectory } from './state-directory.ts';

export interface TreeEdit {
  readonly mirror: Mirror;
  /** Commit or tree that the rest is of. */
  readonly treeish: string;
  /** As `git update-index -z --index-info` reads them. */
  readonly lines: Buffer;
}

/** The id of the tree. Rejects only where git does. */
export async function editedTree(git: Git, state: StateDirectory, edit: TreeEdit): Promise<string> {
  const { gitDir } = edit.mirror;
  const index = path.join(state.drafts, `index-${randomBytes(8).toString('hex')}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    await git.run({ args: ['read-tree', edit.treeish], gitDir, env });
    const update = ['update-index', '--add', '--replace', '-z', '--index-info'];
    await git.run({ args: update, gitDir, env, stdin: edit.lines });
    return await git.line({ args: ['write-tree'], gitDir, env });
  } finally {
    // One file under a name made here a moment ago.
    await rm(index, { force: true });
  }
}
