/** Where branches go when several results are taken back or brought back: all of them move at once, or none does. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { Git } from './git.ts';
import { readBranch, requireNotCheckedOut, sendObjects } from './landing.ts';
import type { Mirror } from './mirror.ts';
import { bring } from './pin.ts';

export interface Course {
  /** Where the branch is by what was planned so far, else where it is now; null where there is none. */
  tip(branch: string): Promise<string | null>;
  /** null: the branch goes away. */
  move(branch: string, to: string | null): void;
  /**
   * Everything that `follow` does but the last step: no branch moves. Rejects as it does; what happens later is found by `follow` alone.
   */
  rehearse(reason: string): Promise<void>;
  /**
   * One transaction of git, each branch only from where it was seen. `reason` goes into their reflogs. Rejects with
   * `LW_BRANCH_EXISTS` when one is checked out or was moved by somebody else meanwhile; then none has moved.
   */
  follow(reason: string): Promise<void>;
}

export interface CourseRoom {
  readonly git: Git;
  readonly mirror: Mirror;
  /** The user's repository. */
  readonly repository: string;
}

interface Position {
  readonly from: string | null;
  readonly to: string | null;
}

export function createCourse({ git, mirror, repository }: CourseRoom): Course {
  const positions = new Map<string, Position>();
  const moved = (): readonly (readonly [string, Position])[] =>
    [...positions].filter(([, { from, to }]) => from !== to);
  const go = async (reason: string, end: TransactionEnd): Promise<void> => {
    const moves = moved();
    if (moves.length === 0) return;
    // What is taken back is where it is: no other branch would do.
    const way = 'No branch was moved. Switch that work tree, then give the same command again';
    for (const [branch] of moves) await requireNotCheckedOut(git, repository, { branch, way });
    for (const [, { to }] of moves) if (to !== null) await sendObjects(git, mirror, repository, to);
    await transact(git, { repository, reason, moves, end });
  };
  return {
    async tip(branch) {
      const known = positions.get(branch);
      if (known !== undefined) return known.to;
      const at = await readBranch(git, repository, branch);
      if (at !== null) await bring(git, mirror, repository, at);
      positions.set(branch, { from: at, to: at });
      return at;
    },
    move(branch, to) {
      positions.set(branch, { from: positions.get(branch)?.from ?? null, to });
    },
    rehearse: (reason) => go(reason, 'abort'),
    follow: (reason) => go(reason, 'commit'),
  };
}

/** `abort` gives back every lock and has moved nothing. */
type TransactionEnd = 'commit' | 'abort';

interface Transaction {
  readonly repository: string;
  readonly reason: string;
  readonly moves: readonly (readonly [string, Position])[];
  readonly end: TransactionEnd;
}

/** `prepare` locks every ref and compares it with what was seen; only then does `commit` move the first one. */
async function transact(git: Git, { repository, reason, moves, end }: Transaction): Promise<void> {
  const lines = moves.map(([branch, { from, to }]) => {
    const ref = `refs/heads/${branch}`;
    if (to === null) return `delete ${ref}\0${from ?? ''}\0`;
    return from === null ? `create ${ref}\0${to}\0` : `update ${ref}\0${to}\0${from}\0`;
  });
  const orders = ['start\0', ...lines, 'prepare\0', `${end}\0`].join('');
  try {
    await git.run({
      args: ['update-ref', '-m', reason, '-z', '--stdin'],
      directory: repository,
      stdin: Buffer.from(orders),
    });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    const words = String(error.details['words']);
    if (!/cannot lock ref/.test(words)) throw error;
    const branches = moves.map(([branch]) => branch);
    throw new LoopwrightError('LW_BRANCH_EXISTS', {
      message: `${branches.join(', ')} could not be moved, and none was: ${words}`,
      next: 'Somebody else moved it, or a lock of a git that died is left there: look with `git log`, then try again.',
      details: { branches, words },
      cause: error,
    });
  }
}
