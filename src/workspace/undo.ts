/** Takes a result back: drops it, deletes its branch, or adds a commit that reverts it. */
import type { UndoMode } from '../core/event.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { UndoRequest } from '../ports/workspace.ts';
import { dropRunRefs, keepBundle } from './bundles.ts';
import type { Git } from './git.ts';
import { commitEnvironment } from './identity.ts';
import { isAncestor, moveBranch, readBranch, requireNotCheckedOut, sendObjects, type Landing } from './landing.ts';
import type { Mirror } from './mirror.ts';
import { decodeName, isObjectId, splitNul } from './object-names.ts';
import { bring } from './pin.ts';
import type { StateDirectory } from './state-directory.ts';

export interface Undone {
  readonly mode: UndoMode;
  readonly evidence: string;
}

/** What undoing needs of the room; a rehearsal gives it a scratch repository instead of the user's. */
export interface UndoContext {
  readonly git: Git;
  readonly state: StateDirectory;
  readonly mirror: Mirror;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

export async function undo(context: UndoContext, request: UndoRequest): Promise<Undone> {
  const { git, state, mirror } = context;
  const { landed, runId, head, repository } = request;
  const bundle = await keepBundle(git, state, mirror, runId);
  const kept = bundle === null ? '' : `; its commits are kept in ${bundle}`;
  if (landed === null) {
    const dropped = await dropRunRefs(git, mirror, runId);
    const what = dropped === 0 ? 'the result had been dropped before' : `${dropped} checkpoint(s) dropped`;
    return { mode: 'drop', evidence: `nothing of ${repository} had changed; ${what}${kept}` };
  }
  const current = await readBranch(git, repository, landed.branch);
  if (current === null) {
    if (landed.previous !== null)
      return nothingThere(context, request, `the branch ${landed.branch} does not exist any more`);
    return { mode: 'branch-removed', evidence: `the branch ${landed.branch} does not exist any more${kept}` };
  }
  await requireNotCheckedOut(git, repository, landed.branch);
  if (landed.previous === null && current === head) {
    const args = ['update-ref', '-d', `refs/heads/${landed.branch}`, head];
    await git.run({ args, directory: repository });
    return { mode: 'branch-removed', evidence: `the branch ${landed.branch} was deleted at ${head}${kept}` };
  }
  return revert(context, request, { branch: landed.branch, tip: current });
}

interface Tip {
  readonly branch: string;
  readonly tip: string;
}

/**
 * The revert is a three-way merge from the change to its base. The mirror merges without a work tree: a commit with the
 * tree of the base is put on top of the change, so that the change is where the two histories part.
 */
async function revert(context: UndoContext, request: UndoRequest, { branch, tip }: Tip): Promise<Undone> {
  const { git, mirror } = context;
  const { head, base, repository } = request;
  const { gitDir } = mirror;
  await bring(git, mirror, repository, tip);
  if (!(await isAncestor(git, mirror, head, tip))) {
    return nothingThere(context, request, `the branch ${branch} is at ${tip} and does not contain ${head}`);
  }
  const said = `This reverts commit ${head}.`;
  const [earlier] = splitLines(
    await git.line({ args: ['log', '--format=%H', '--fixed-strings', `--grep=${said}`, `${head}..${tip}`], gitDir }),
  );
  if (earlier !== undefined) return { mode: 'reverted', evidence: `${branch} already has the revert ${earlier}` };
  const env = commitEnvironment(Math.floor(context.now() / 1_000));
  const back = await commit(context, { tree: `${base}^{tree}`, parent: head, message: 'back to the base', env });
  const tree = await mergeTrees(git, mirror, tip, back);
  const subject = await git.line({ args: ['log', '-1', '--format=%s', head], gitDir });
  const message = `Revert "${subject}"\n\n${said}\n\nLoop-Run: ${request.runId}\n`;
  const reverting = await commit(context, { tree, parent: tip, message, env });
  const reason = `loopwright: undo ${request.runId}`;
  const landing: Landing = { mirror, repository, commit: reverting, branch, expected: tip, reason };
  await sendObjects(git, mirror, repository, reverting);
  await moveBranch(git, landing, tip);
  return { mode: 'reverted', evidence: `${reverting} on ${branch} reverts ${head}` };
}

interface NewCommit {
  readonly tree: string;
  readonly parent: string;
  readonly message: string;
  readonly env: Readonly<Record<string, string>>;
}

async function commit({ git, mirror }: UndoContext, wanted: NewCommit): Promise<string> {
  const args = ['commit-tree', wanted.tree, '-p', wanted.parent, '-F', '-'];
  return git.line({ args, gitDir: mirror.gitDir, env: wanted.env, stdin: Buffer.from(wanted.message) });
}

async function mergeTrees(git: Git, mirror: Mirror, ours: string, theirs: string): Promise<string> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const answer = await git.run({ args, gitDir: mirror.gitDir, answers: [1] });
  const [tree, ...conflicts] = splitNul(answer.stdout);
  const id = tree?.toString('latin1') ?? '';
  if (answer.code === 0 && isObjectId(id)) return id;
  const files = [...new Set(conflicts.filter((name) => name.length > 0).map((name) => decodeName(name).path))];
  throw new LoopwrightError('LW_RUN_STATE', {
    message: `the change cannot be taken back by itself: later commits touch the same places in ${files.join(', ')}`,
    next: 'Revert it by hand and resolve these files: `git revert COMMIT`. Nothing was changed.',
    details: { files },
  });
}

/** Landing was cut short, or somebody took the change off the branch by hand: nothing of it is left there. */
async function nothingThere(context: UndoContext, request: UndoRequest, seen: string): Promise<Undone> {
  await dropRunRefs(context.git, context.mirror, request.runId);
  return { mode: 'drop', evidence: `${seen}; its commits are kept in ${context.state.bundle(request.runId)}` };
}

function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
