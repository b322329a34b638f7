/** Undo of undo: brings results back to where they were. All of them, or none. */
import { existsSync } from 'node:fs';
import { shellWord } from '../core/shell-word.ts';
import type { RedoMode } from '../core/event.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { LaterCommit } from '../core/reverts.ts';
import type { UndoRequest } from '../ports/workspace.ts';
import { listRunRefs } from './bundles.ts';
import { createCourse, type Course } from './course.ts';
import { FETCH } from './git.ts';
import { isAncestor } from './landing.ts';
import { refs } from './mirror.ts';
import { fateOf } from './standing.ts';
import { clashWords, mergeThreeWay } from './three-way.ts';
import { writeCommit } from './own-commit.ts';
import { branchGone, followWhenReady, secondsNow, type Ready, type UndoContext } from './undo.ts';

export interface Redone {
  readonly mode: RedoMode;
  readonly evidence: string;
}

/**
 * Resolves to one answer for each request, in their order; what came first comes back first. Rejects with
 * `LW_RUN_STATE` or `LW_BRANCH_EXISTS` when one cannot be; no branch has moved then, and `ready` was not called.
 */
export async function redo(
  context: UndoContext,
  requests: readonly UndoRequest[],
  ready?: Ready,
): Promise<readonly Redone[]> {
  const course = createCourse(context);
  const answers = new Map<UndoRequest, Redone>();
  for (const request of requests) answers.set(request, await restoreRefs(context, request));
  for (const request of await oldestFirst(context, requests)) {
    if (request.landed !== null) answers.set(request, await bringBack(context, course, request));
  }
  await followWhenReady(course, `loopwright: redo ${requests.map(({ runId }) => runId).join(' ')}`, ready);
  return requests.flatMap((request) => answers.get(request) ?? []);
}

/** What others were built on comes back before them. */
async function oldestFirst(
  { git, mirror }: UndoContext,
  requests: readonly UndoRequest[],
): Promise<readonly UndoRequest[]> {
  const ordered: UndoRequest[] = [];
  for (const request of requests) {
    let at = 0;
    while (at < ordered.length && !(await isAncestor(git, mirror, request.head, ordered[at]?.head ?? ''))) at += 1;
    ordered.splice(at, 0, request);
  }
  return ordered;
}

/** An undo drops the refs of a result that never landed; its commits are in the bundle. */
async function restoreRefs({ git, mirror, state }: UndoContext, { runId }: UndoRequest): Promise<Redone> {
  const mode = 'kept';
  if ((await listRunRefs(git, mirror, runId)).length > 0) return { mode, evidence: 'the result is kept' };
  const bundle = state.bundle(runId);
  if (!existsSync(bundle)) {
    throw new LoopwrightError('LW_RUN_STATE', {
      message: `the commits of run ${runId} are neither in the mirror nor in ${bundle}`,
      next: 'They were removed by hand. Put the bundle back, or run the task again: `loopwright run`.',
      details: { runId, bundle },
    });
  }
  const all = `${refs.run(runId)}/*`;
  await git.run({ args: [...FETCH, bundle, `${all}:${all}`], gitDir: mirror.gitDir });
  return { mode, evidence: `the result was brought back from ${bundle}` };
}

async function bringBack(context: UndoContext, course: Course, request: UndoRequest): Promise<Redone> {
  const { git, mirror } = context;
  const { head, base, runId, landed } = request;
  if (landed === null) throw new TypeError('only what had landed is brought back to a branch');
  const { branch, previous } = landed;
  const tip = await course.tip(branch);
  if (tip === null) {
    if (previous !== null) throw branchGone({ ...request, landed });
    course.move(branch, head);
    return { mode: 'branch-restored', evidence: `the branch ${branch} is at ${head} again` };
  }
  if (tip === previous) {
    course.move(branch, head);
    return { mode: 'branch-restored', evidence: `${branch} went forward to ${head} again` };
  }
  const fate = await fateOf(git, mirror, { runId, base, head, branch, tip });
  if (fate.kind === 'in-effect') {
    const mode = tip === head ? 'branch-restored' : 'reapplied';
    return { mode, evidence: `it is in effect on ${branch} already; nothing was done` };
  }
  const by = fate.kind === 'taken-back' ? fate.by : null;
  return reapply(context, course, { request, branch, tip, by });
}

interface Reapplying {
  readonly request: UndoRequest;
  readonly branch: string;
  readonly tip: string;
  /** What took it back; null where no single commit did. */
  readonly by: LaterCommit | null;
}

/** Reverts the revert. Where nobody can say which commit that is, or it is a merge, the change is applied again. */
async function reapply(
  context: UndoContext,
  course: Course,
  { request, branch, tip, by }: Reapplying,
): Promise<Redone> {
  const { git, mirror } = context;
  const { head, base, runId } = request;
  const { gitDir } = mirror;
  const parents =
    by === null ? [] : (await git.line({ args: ['log', '-1', '--format=%P', by.commit], gitDir })).split(' ');
  const [parent] = parents;
  const single = by !== null && parents.length === 1 && parent !== undefined;
  const sides = single ? { from: by.commit, theirs: parent } : { from: base, theirs: head };
  const { tree, clashes } = await mergeThreeWay(git, mirror, { ...sides, ours: tip });
  if (tree === null) {
    throw new LoopwrightError('LW_RUN_STATE', {
      message: `run ${runId} cannot be brought back by itself: later commits touch the same places on ${branch}: ${clashWords(clashes)}`,
      next: `Nothing was changed. By hand: \`git switch ${shellWord(branch)} && git ${single ? `revert ${by.commit}` : `cherry-pick ${head}`}\`, resolve these files, and go on.`,
      details: { files: clashes.map(({ path }) => path), clashes },
    });
  }
  const subject = await git.line({ args: ['log', '-1', '--format=%s', head], gitDir });
  const said = single ? `This reverts commit ${by.commit}.` : `(cherry picked from commit ${head})`;
  const message = `Reapply "${subject}"\n\n${said}\n\nLoopwright-Run: ${runId}\n`;
  const commit = await writeCommit(git, mirror, { tree, parents: [tip], message, seconds: secondsNow(context) });
  course.move(branch, commit);
  const what = single ? `reverts ${by.commit}, which had taken it back` : `applies ${head} again`;
  return { mode: 'reapplied', evidence: `${commit} on ${branch} ${what}` };
}
