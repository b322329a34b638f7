/** What a target would be with a change, and without it: commits in the mirror that can be checked and shown. */
import type { MergeResult } from '../ports/remotes.ts';
import type { Git } from './git.ts';
import { mergeTree } from './merge-tree.ts';
import type { Mirror } from './mirror.ts';
import { decodeName } from './object-names.ts';
import { writeCommit } from './own-commit.ts';
import { mergeThreeWay } from './three-way.ts';

/** Dated as the target is: the same content is always the same commit. */
async function secondsOf(git: Git, { gitDir }: Mirror, commit: string): Promise<number> {
  return Number(await git.line({ args: ['log', '-1', '--format=%ct', commit], gitDir }));
}

export async function mergeCommits(git: Git, mirror: Mirror, tip: string, commit: string): Promise<MergeResult> {
  const { tree, conflicts } = await mergeTree(git, mirror, tip, commit);
  if (conflicts.length > 0) return { kind: 'conflict', files: conflicts.map((name) => decodeName(name).path) };
  const message = `loopwright: ${commit} on ${tip}, to be checked\n`;
  const seconds = await secondsOf(git, mirror, tip);
  return {
    kind: 'merged',
    tree,
    commit: await writeCommit(git, mirror, { tree, parents: [tip, commit], message, seconds }),
  };
}

export interface OnTip {
  readonly tip: string;
  readonly message: string;
}

async function onTip(
  git: Git,
  mirror: Mirror,
  { tip, message }: OnTip,
  sides: { readonly from: string; readonly theirs: string },
): Promise<MergeResult> {
  const { tree, clashes } = await mergeThreeWay(git, mirror, { ...sides, ours: tip });
  if (tree === null) return { kind: 'conflict', files: clashes.map(({ path }) => path) };
  const seconds = await secondsOf(git, mirror, tip);
  return { kind: 'merged', tree, commit: await writeCommit(git, mirror, { tree, parents: [tip], message, seconds }) };
}

export interface Reverting extends OnTip {
  /** A merge, a squash or the change itself: what it did to its first parent is taken back. */
  readonly merged: string;
}

export async function revertCommit(git: Git, mirror: Mirror, wanted: Reverting): Promise<MergeResult> {
  return onTip(git, mirror, wanted, { from: wanted.merged, theirs: `${wanted.merged}^1` });
}

export interface Reapplying extends OnTip {
  /** What it did to its first parent is done again. */
  readonly commit: string;
}

export async function reapplyCommit(git: Git, mirror: Mirror, wanted: Reapplying): Promise<MergeResult> {
  return onTip(git, mirror, wanted, { from: `${wanted.commit}^1`, theirs: wanted.commit });
}
