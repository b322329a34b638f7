/** Makes and removes one branch on a remote: compare and swap, from the mirror, with the host's login in no argument list. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { OwnBranch } from '../ports/remotes.ts';
import type { Mirror } from './mirror.ts';
import { branchTip, remoteEnvironment, remoteUrl } from './remote.ts';
import type { Room } from './room.ts';

/** A network that fails twice in a row is asked a third time. */
const ATTEMPTS = 3;

export interface Push {
  readonly mirror: Mirror;
  readonly remote: string;
  readonly own: OwnBranch;
  readonly signal: AbortSignal;
}

/**
 * What git and the server say of a push that will not work the next time either. Words of the server come with `remote:`; the rest is
 * git's own (`http.c`, `transport.c`, `send-pack.c`).
 */
function refusalOf(words: string): { readonly code: ErrorCode; readonly next: string } | null {
  if (
    /authentication failed|could not read (?:username|password)|returned error: 40[13]|permission.* denied/i.test(words)
  ) {
    return { code: 'LW_FORGE_LOGIN', next: 'The token has to be allowed to write contents; see docs/landing.md.' };
  }
  if (/remote rejected|hook declined|protected branch|shallow update not allowed/i.test(words)) {
    return {
      code: 'LW_FORGE_REFUSED',
      next: 'The server refuses the branch: look at its rules for branches below `loopwright/`.',
    };
  }
  return null;
}

function failure(push: Push, words: string, cause: unknown): LoopwrightError {
  const { branch, commit } = push.own;
  const { code, next } = refusalOf(words) ?? {
    code: 'LW_FORGE_PUSH' as const,
    next: 'Check the network, then give the same command again: what was pushed is found.',
  };
  const message = `${branch} could not be pushed to ${push.remote}: ${words.replaceAll(/\s+/g, ' ').slice(0, 400)}`;
  return new LoopwrightError(code, { message, next, details: { branch, commit }, cause });
}

export function foreign({ remote, own }: Pick<Push, 'remote' | 'own'>, tip: string): LoopwrightError {
  return new LoopwrightError('LW_FORGE_BRANCH', {
    message: `the branch ${own.branch} of ${remote} is at ${tip}, and what loopwright would put there is ${own.commit}`,
    next: 'Somebody worked on it. It is never overwritten: go on with it by hand, or delete it there and give the command again.',
    details: { branch: own.branch, tip, commit: own.commit },
  });
}

/**
 * The lease says what the branch is now: nothing, or our own commit. It is the one way to let the server refuse what somebody else did
 * meanwhile; without it git would fast-forward a branch of somebody else's.
 */
async function send(
  room: Room,
  push: Push,
  order: { readonly refspec: string; readonly lease: string },
): Promise<void> {
  const url = remoteUrl(push.remote);
  const env = await remoteEnvironment(room, url);
  const ref = `refs/heads/${push.own.branch}`;
  const quiet = ['push', '--quiet', '--no-verify', '--no-recurse-submodules', '--no-signed'];
  const args = [...quiet, `--force-with-lease=${ref}:${order.lease}`, url.href, order.refspec];
  await room.git.run({ args, gitDir: push.mirror.gitDir, env, signal: push.signal });
}

type Order = Parameters<typeof send>[2];

/** Tries again where that may help, and looks first: a push whose answer was lost has happened. */
async function persist(room: Room, push: Push, order: Order, isDone: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send(room, push, order);
      return;
    } catch (error) {
      if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
      push.signal.throwIfAborted();
      const words = String(error.details['words']);
      if (refusalOf(words) === null && (await isDone())) return;
      if (refusalOf(words) !== null || attempt === ATTEMPTS) throw failure(push, words, error);
    }
  }
}

export async function makeBranch(room: Room, push: Push): Promise<void> {
  const { own, remote } = push;
  const isThere = async (): Promise<boolean> => {
    const tip = await branchTip(room, remote, own.branch);
    if (tip === null || tip === own.commit) return tip !== null;
    throw foreign(push, tip);
  };
  if (await isThere()) return;
  await persist(room, push, { refspec: `${own.commit}:refs/heads/${own.branch}`, lease: '' }, isThere);
}

/** false where the branch holds something else, and where it is gone already. */
export async function removeBranch(room: Room, push: Push): Promise<boolean> {
  const { own, remote } = push;
  if ((await branchTip(room, remote, own.branch)) !== own.commit) return false;
  const isGone = async (): Promise<boolean> => {
    const tip = await branchTip(room, remote, own.branch);
    if (tip !== null && tip !== own.commit) throw foreign(push, tip);
    return tip === null;
  };
  await persist(room, push, { refspec: `:refs/heads/${own.branch}`, lease: own.commit }, isGone);
  return true;
}
