/** What two commits give together, in the mirror: without a work tree, and nothing of the repository runs. */
import { LoopwrightError } from '../core/errors.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { isObjectId, splitNul } from './object-names.ts';

export interface MergedTree {
  /** Where something does not fit, with conflict markers in it. */
  readonly tree: string;
  /** Names of what does not fit; empty where all of it does. */
  readonly conflicts: readonly Buffer[];
}

/**
 * `merge-tree --write-tree` runs no hook. By attributes of a tree it would run a merge driver where the configuration names
 * one: the mirror's names none, and it is ours.
 */
export async function mergeTree(git: Git, { gitDir }: Mirror, ours: string, theirs: string): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const answer = await git.run({ args, gitDir, answers: [1] });
  const [first, ...names] = splitNul(answer.stdout);
  const tree = first?.toString('latin1') ?? '';
  if (!isObjectId(tree)) {
    throw new LoopwrightError('LW_GIT_FAILED', {
      message: `\`git merge-tree\` named no tree in ${gitDir}`,
      next: 'loopwright needs git 2.38 or newer: `git --version`.',
      details: { gitDir },
    });
  }
  if (answer.code === 0) return { tree, conflicts: [] };
  const conflicts = [...new Set(names.filter((name) => name.length > 0).map((name) => name.toString('latin1')))];
  return { tree, conflicts: conflicts.map((name) => Buffer.from(name, 'latin1')) };
}
