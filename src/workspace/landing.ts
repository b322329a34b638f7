/** Puts a commit on a local branch of the user's repository: objects and exactly one ref, nothing else. */
import { shellWord } from '../core/shell-word.ts';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import { FETCH, UPLOAD_PACK, type Git } from './git.ts';
import { bring } from './pin.ts';
import type { Mirror } from './mirror.ts';
import { isObjectId, splitNul, zeroLike } from './object-names.ts';

export interface Landing {
  readonly mirror: Mirror;
  /** The user's repository. */
  readonly repository: string;
  readonly commit: string;
  readonly branch: string;
  /** What the branch must point at; null when it must not exist. */
  readonly expected: string | null;
  /** Goes into the reflog of the branch. */
  readonly reason: string;
}

export async function land(git: Git, landing: Landing): Promise<{ readonly previous: string | null }> {
  const { repository, branch, commit, expected, mirror } = landing;
  await requireBranchName(git, repository, branch);
  await requireNotCheckedOut(git, repository, { branch, way: 'Use another branch, or switch that work tree first' });
  const current = await readBranch(git, repository, branch);
  if (current === commit) return { previous: expected === commit ? commit : expected };
  if (current !== expected) throw unexpected(landing, current);
  if (expected !== null && !(await isAncestor(git, mirror, expected, commit))) {
    throw refused(landing, `${branch} is at ${expected}, and ${commit} is not built on it`, 'Land on a new branch.');
  }
  await sendObjects(git, mirror, repository, commit);
  await moveBranch(git, landing, expected);
  return { previous: expected };
}

export async function readBranch(git: Git, repository: string, branch: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`];
  const answer = await git.run({ args, directory: repository, answers: [1, 128] });
  const id = answer.stdout.toString('latin1').trim();
  return answer.code === 0 && isObjectId(id) ? id : null;
}

/** false when the branch is not there, too. */
export async function holds(
  git: Git,
  mirror: Mirror,
  { repository, commit, branch }: Pick<Landing, 'repository' | 'commit' | 'branch'>,
): Promise<boolean> {
  const tip = await readBranch(git, repository, branch);
  if (tip === null || tip === commit) return tip !== null;
  await bring(git, mirror, repository, tip);
  return isAncestor(git, mirror, commit, tip);
}

async function requireBranchName(git: Git, repository: string, branch: string): Promise<void> {
  const args = ['check-ref-format', `refs/heads/${branch}`];
  const wellFormed = !branch.startsWith('-') && branch !== 'HEAD';
  if (wellFormed && (await git.run({ args, directory: repository, answers: [1] })).code === 0) return;
  throw new LoopwrightError('LW_BRANCH_EXISTS', {
    message: `${JSON.stringify(branch)} cannot be the name of a branch`,
    next: 'Give another one.',
    details: { branch },
  });
}

/** A branch somebody works on is never moved under their files. `way`: what to do, up to the command that frees the branch. */
export async function requireNotCheckedOut(
  git: Git,
  repository: string,
  { branch, way }: { readonly branch: string; readonly way: string },
): Promise<void> {
  const args = ['worktree', 'list', '--porcelain', '-z'];
  const fields = splitNul((await git.run({ args, directory: repository })).stdout).map(String);
  let worktree = '';
  for (const field of fields) {
    if (field.startsWith('worktree ')) worktree = field.slice('worktree '.length);
    if (field !== `branch refs/heads/${branch}`) continue;
    throw new LoopwrightError('LW_BRANCH_EXISTS', {
      message: `the branch ${branch} is checked out in ${worktree}, and loopwright never moves a branch under your files`,
      next: `${way}: \`git -C ${shellWord(worktree)} switch --detach\`.`,
      details: { branch, worktree },
    });
  }
}

export async function isAncestor(git: Git, mirror: Mirror, older: string, newer: string): Promise<boolean> {
  // 128: the mirror has no such commit, so nothing in it can be built on it.
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await git.run({ args, gitDir: mirror.gitDir, answers: [1, 128] })).code === 0;
}

/**
 * `git fetch` without a destination writes objects only. It finds out itself what the repository already has, and checks
 * that nothing is missing afterwards.
 */
export async function sendObjects(git: Git, mirror: Mirror, repository: string, commit: string): Promise<void> {
  const args = [...FETCH, '--no-prune', '--refmap=', `--upload-pack=${UPLOAD_PACK}`, mirror.gitDir, commit];
  await git.run({ args, directory: repository });
}

/** Compare and swap: the ref moves only from where it was seen. */
export async function moveBranch(git: Git, landing: Landing, from: string | null): Promise<void> {
  const { repository, branch, commit } = landing;
  const ref = `refs/heads/${branch}`;
  const args = ['update-ref', '-m', landing.reason, ref, commit, from ?? zeroLike(commit)];
  try {
    await git.run({ args, directory: repository });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    const words = String(error.details['words']);
    if (!/cannot lock ref/.test(words)) throw error;
    throw refused(landing, `${branch} could not be ${from === null ? 'created' : 'moved'}: ${words}`, NEXT);
  }
}

const NEXT = 'Look at the branch with `git log`, then land again, or land on another branch.';

function unexpected(landing: Landing, current: string | null): LoopwrightError {
  const { branch, expected } = landing;
  if (expected === null) {
    return refused(landing, `the branch ${branch} exists already, at ${current ?? 'an unknown commit'}`, NEXT);
  }
  if (current === null) {
    const next = `Make it at the base of the run, then land again: \`git branch ${shellWord(branch)} ${expected}\`.`;
    return refused(landing, `there is no branch ${branch}`, next);
  }
  const message = `the branch ${branch} is at ${current}, and the run started from ${expected}`;
  return refused(landing, message, 'Land on a branch of its own (leave out --onto), then merge or rebase that.');
}

function refused(landing: Landing, message: string, next: string): LoopwrightError {
  const { branch, commit, expected } = landing;
  return new LoopwrightError('LW_BRANCH_EXISTS', { message, next, details: { branch, commit, expected } });
}
