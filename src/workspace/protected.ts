/** Protected files get the content they have on the base, whatever the change did to them. */
import type { PathClassifier } from '../ports/workspace.ts';
import { parseDiff, type DiffEntry } from './diff-parser.ts';
import { editedTree } from './edited-tree.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { decodeName, zeroLike } from './object-names.ts';
import type { StateDirectory } from './state-directory.ts';

/** Entries of the base that the commit changed or deleted and that are protected. */
export function protectedEntries(diff: readonly DiffEntry[], classify: PathClassifier): readonly DiffEntry[] {
  return diff.filter((entry) => entry.kind !== 'added' && classify(decodeName(entry.name).path, true).protected);
}

export interface Restoration {
  readonly mirror: Mirror;
  readonly base: string;
  readonly commit: string;
  readonly classify: PathClassifier;
}

/**
 * A tree like that of the commit, with the protected files of the base. Works on trees and an index of its own, so a
 * directory that took the place of a file, or a link that took the place of a directory, gives way as it should.
 */
export async function restoredTree(git: Git, state: StateDirectory, wanted: Restoration): Promise<string> {
  const { mirror, base, commit } = wanted;
  if (commit === base) return commit;
  const gitDir = mirror.gitDir;
  const args = ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-commit-id', base, commit];
  const changed = protectedEntries(parseDiff((await git.run({ args, gitDir })).stdout), wanted.classify);
  if (changed.length === 0) return commit;
  const lines = changed.flatMap(({ oldMode, oldId, name }) => [
    Buffer.from(`0 ${zeroLike(oldId)}\t`),
    name,
    Buffer.of(0),
    Buffer.from(`${oldMode} ${oldId}\t`),
    name,
    Buffer.of(0),
  ]);
  return editedTree(git, state, { mirror, treeish: commit, lines: Buffer.concat(lines) });
}
