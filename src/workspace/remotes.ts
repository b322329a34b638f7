/** Branches on a forge: fetched as untrusted, merged in the mirror, pushed by name (ports/remotes.ts). */
import { LoopwrightError } from '../core/errors.ts';
import type { RemotePlace, Remotes } from '../ports/remotes.ts';
import { fetchStrictly, inDraft } from './adopt.ts';
import { FETCH, UPLOAD_PACK } from './git.ts';
import { mergeCommits, reapplyCommit, revertCommit } from './target-commits.ts';
import { refs } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { isObjectId } from './object-names.ts';
import { makeBranch, removeBranch } from './push.ts';
import { branchTip } from './remote.ts';
import type { Room } from './room.ts';

/** What is fetched is kept here in the draft. */
const FETCHED = 'refs/loopwright/fetched';

interface Bringing {
  readonly mirror: Mirror;
  readonly branch: string;
  readonly base: string;
  readonly signal: AbortSignal;
}

function unproven(remote: string, branch: string, why: string): LoopwrightError {
  return new LoopwrightError('LW_FORGE_UNPROVEN', {
    message: `${branch} of ${remote} was not taken: ${why}`,
    next: 'Nothing was published. Look at that branch; the base of the run may be too old to merge with it.',
    details: { remote, branch },
  });
}

async function bring(
  room: Room,
  { remote, runId }: RemotePlace,
  { mirror, branch, base, signal }: Bringing,
): Promise<string> {
  return inDraft(room, { mirror, base }, async (draft) => {
    const refused = await fetchStrictly(room, { remote, ref: `refs/heads/${branch}`, into: FETCHED, draft, signal });
    if (refused === null) {
      const order = [...FETCH, `--upload-pack=${UPLOAD_PACK}`, draft, `+${FETCHED}:${refs.target(runId)}`];
      await room.git.run({ args: order, gitDir: mirror.gitDir, signal });
      return room.git.line({
        args: ['rev-parse', '--verify', `${refs.target(runId)}^{commit}`],
        gitDir: mirror.gitDir,
      });
    }
    if ((await branchTip(room, remote, branch)) !== null) throw unproven(remote, branch, refused);
    throw new LoopwrightError('LW_FORGE_MISSING', {
      message: `${remote} has no branch ${branch}`,
      next: 'Name another one as `publish.target`, or make it there.',
      details: { remote, branch },
    });
  });
}

async function originOf(room: Room, repository: string): Promise<string | null> {
  const args = ['config', '--local', '--get', 'remote.origin.url'];
  const answer = await room.git.run({ args, directory: repository, answers: [1] });
  const url = answer.stdout.toString('utf8').trim();
  if (url === '') return null;
  // Up to the last @: a password that holds one makes no proper address, and half of it would be shown.
  return url.replace(/^([\w.+-]+:\/\/)[^/]*@/, '$1');
}

/** Keeps a commit of ours in the mirror until the run lets go of it. */
async function keep(room: Room, mirror: Mirror, ref: string, commit: string): Promise<string> {
  await room.git.run({ args: ['update-ref', ref, commit], gitDir: mirror.gitDir });
  return commit;
}

async function treeOf(room: Room, mirror: Mirror, commit: string): Promise<string> {
  const tree = await room.git.line({ args: ['rev-parse', '--verify', `${commit}^{tree}`], gitDir: mirror.gitDir });
  if (isObjectId(tree)) return tree;
  throw new LoopwrightError('LW_GIT_FAILED', {
    message: `${commit} has no tree`,
    next: 'Try `git fsck` in the mirror.',
  });
}

async function forget(room: Room, mirror: Mirror, runId: string): Promise<void> {
  const kept = [refs.target(runId), refs.merged(runId), refs.reverting(runId), refs.reapplied(runId)];
  for (const ref of kept) await room.git.run({ args: ['update-ref', '-d', ref], gitDir: mirror.gitDir });
}

export function createRemotes(open: () => Promise<Room>): Remotes {
  const at = async (repository: string): Promise<{ room: Room; mirror: Mirror }> => {
    const room = await open();
    return { room, mirror: await room.mirrors.find(repository) };
  };
  return {
    origin: async (repository) => originOf(await open(), repository),
    tip: async (remote, branch) => branchTip(await open(), remote, branch),
    bring: async (place, branch, base, signal) => {
      const { room, mirror } = await at(place.repository);
      return bring(room, place, { mirror, branch, base, signal });
    },
    tree: async (repository, commit) => {
      const { room, mirror } = await at(repository);
      return treeOf(room, mirror, commit);
    },
    merge: async (place, tip, commit) => {
      const { room, mirror } = await at(place.repository);
      const result = await mergeCommits(room.git, mirror, tip, commit);
      if (result.kind === 'merged') await keep(room, mirror, refs.merged(place.runId), result.commit);
      return result;
    },
    revert: async (place, wanted) => {
      const { room, mirror } = await at(place.repository);
      const result = await revertCommit(room.git, mirror, wanted);
      if (result.kind === 'merged') await keep(room, mirror, refs.reverting(place.runId), result.commit);
      return result;
    },
    reapply: async (place, wanted) => {
      const { room, mirror } = await at(place.repository);
      const result = await reapplyCommit(room.git, mirror, wanted);
      if (result.kind === 'merged') await keep(room, mirror, refs.reapplied(place.runId), result.commit);
      return result;
    },
    push: async ({ repository, remote }, own, signal) => {
      const { room, mirror } = await at(repository);
      await makeBranch(room, { mirror, remote, own, signal });
    },
    remove: async ({ repository, remote }, own, signal) => {
      const { room, mirror } = await at(repository);
      return removeBranch(room, { mirror, remote, own, signal });
    },
    forget: async (repository, runId) => {
      const { room, mirror } = await at(repository);
      await forget(room, mirror, runId);
    },
  };
}
