/** Merges commits in the mirror, without a work tree and without running anything of the repository. */
import type { MergeResult } from '../ports/remotes.ts';
import type { Git } from './git.ts';
import { commitEnvironment } from './identity.ts';
import type { Mirror } from './mirror.ts';
import { decodeName, isObjectId, splitNul } from './object-names.ts';

export type MergedTree =
  | { readonly kind: 'merged'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] };

/**
 * `merge-tree --write-tree` runs no hook, and with attributes of the tree only it would run a merge driver where a configuration
 * names one: the mirror's names none, and it is ours.
 */
export async function mergedTree(git: Git, mirror: Mirror, ours: string, theirs: string): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const answer = await git.run({ args, gitDir: mirror.gitDir, answers: [1] });
  const [tree, ...conflicts] = splitNul(answer.stdout);
  const id = tree?.toString('latin1') ?? '';
  if (answer.code === 0 && isObjectId(id)) return { kind: 'merged', tree: id };
  const named = conflicts.filter((name) => name.length > 0).map((name) => decodeName(name).path);
  return { kind: 'conflict', files: [...new Set(named)] };
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Its date is that of this commit: the same content is always the same commit. */
  readonly datedAs: string;
}

export async function makeCommit(git: Git, mirror: Mirror, wanted: NewCommit): Promise<string> {
  const { gitDir } = mirror;
  const seconds = await git.line({ args: ['log', '-1', '--format=%ct', wanted.datedAs], gitDir });
  const env = commitEnvironment(Number(seconds));
  const args = ['commit-tree', wanted.tree, ...wanted.parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return git.line({ args, gitDir, env, stdin: Buffer.from(wanted.message) });
}

/** What a target would be with a change. */
export async function mergeCommits(git: Git, mirror: Mirror, tip: string, commit: string): Promise<MergeResult> {
  const merged = await mergedTree(git, mirror, tip, commit);
  if (merged.kind === 'conflict') return merged;
  const message = `loopwright: ${commit} on ${tip}, to be checked\n`;
  const made = await makeCommit(git, mirror, { tree: merged.tree, parents: [tip, commit], message, datedAs: tip });
  return { ...merged, commit: made };
}

export interface Reverting {
  readonly tip: string;
  /** A merge, a squash or the change itself: what it did to its first parent is taken back. */
  readonly merged: string;
  readonly message: string;
}

/**
 * A three-way merge from `merged` to the tree of its first parent: a commit with that tree is put on top of `merged`, so that
 * `merged` is where the two histories part.
 */
export async function revertCommit(git: Git, mirror: Mirror, wanted: Reverting): Promise<MergeResult> {
  const { tip, merged, message } = wanted;
  const { gitDir } = mirror;
  const tree = await git.line({ args: ['rev-parse', '--verify', `${merged}^1^{tree}`], gitDir });
  const back = await makeCommit(git, mirror, { tree, parents: [merged], message: 'back\n', datedAs: merged });
  const result = await mergedTree(git, mirror, tip, back);
  if (result.kind === 'conflict') return result;
  const commit = await makeCommit(git, mirror, { tree: result.tree, parents: [tip], message, datedAs: tip });
  return { ...result, commit };
}
