/** Takes results back: drops them, deletes their branches, or adds commits that revert them. All of it, or nothing. */
import { shellWord } from '../core/shell-word.ts';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { LaterCommit } from '../core/reverts.ts';
import type { UndoAnswer, UndoRequest } from '../ports/workspace.ts';
import { dropRunRefs, keepBundle } from './bundles.ts';
import { createCourse, type Course } from './course.ts';
import type { Git } from './git.ts';
import { isAncestor } from './landing.ts';
import type { Mirror } from './mirror.ts';
import { writeCommit } from './own-commit.ts';
import { bring } from './pin.ts';
import { fateOf, type Landed } from './standing.ts';
import type { StateDirectory } from './state-directory.ts';
import { clashWords, mergeThreeWay, type Clash } from './three-way.ts';

/** What undoing needs of the room; a rehearsal gives it a scratch repository instead of the user's. */
export interface UndoContext {
  readonly git: Git;
  readonly state: StateDirectory;
  readonly mirror: Mirror;
  /** The user's repository. */
  readonly repository: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** What is called between the plan and the first branch that moves. */
export type Ready = () => Promise<void>;

/**
 * Resolves to one answer for each request, in their order. On one branch the newest change is taken back first, as the
 * history of the branch has it. Rejects with `LW_RUN_STATE` when later commits stand in the way and with
 * `LW_BRANCH_EXISTS` when a branch is not what it was; nothing has changed then, and `ready` was not called.
 */
export async function undo(
  context: UndoContext,
  requests: readonly UndoRequest[],
  ready?: Ready,
): Promise<readonly UndoAnswer[]> {
  const { git, mirror, state } = context;
  const kept = new Map<string, string>();
  for (const { runId } of requests) {
    const bundle = await keepBundle(git, state, mirror, runId);
    if (bundle !== null) kept.set(runId, `; its commits are kept in ${bundle}`);
  }
  const course = createCourse(context);
  const answers = new Map<string, UndoAnswer>();
  for (const request of await newestFirst(context, course, requests)) {
    answers.set(request.runId, await takeBack(context, course, request));
  }
  await followWhenReady(course, `loopwright: undo ${requests.map(({ runId }) => runId).join(' ')}`, ready);
  return Promise.all(
    requests.map(async (request) => {
      const answer = answers.get(request.runId) ?? (await drop(context, request));
      const elsewhere = await elsewhereWords(context, request);
      return { ...answer, evidence: answer.evidence + elsewhere + (kept.get(request.runId) ?? '') };
    }),
  );
}

/** Without anybody who has to be asked first, there is nothing to find out first. */
export async function followWhenReady(course: Course, reason: string, ready: Ready | undefined): Promise<void> {
  if (ready !== undefined) {
    await course.rehearse(reason);
    await ready();
  }
  await course.follow(reason);
}

export function secondsNow({ now }: UndoContext): number {
  return Math.floor(now() / 1_000);
}

async function drop({ git, mirror, repository }: UndoContext, { runId }: UndoRequest): Promise<UndoAnswer> {
  const dropped = await dropRunRefs(git, mirror, runId);
  const what =
    dropped === 0
      ? 'the result had been dropped before'
      : `${dropped} ${dropped === 1 ? 'checkpoint was' : 'checkpoints were'} dropped`;
  return { mode: 'drop', evidence: `nothing of ${repository} had changed; ${what}`, commit: null };
}

interface OnBranch extends UndoRequest {
  readonly landed: NonNullable<UndoRequest['landed']>;
}

/** The landed ones, so that what came later to a branch goes first. */
async function newestFirst(
  { git, mirror }: UndoContext,
  course: Course,
  requests: readonly UndoRequest[],
): Promise<readonly OnBranch[]> {
  const landed = requests.filter((one): one is OnBranch => one.landed !== null);
  const placed = await Promise.all(
    landed.map(async (request) => {
      const { base, head, runId, landed: to } = request;
      const tip = landed.length > 1 ? await course.tip(to.branch) : null;
      const fate = tip === null ? null : await fateOf(git, mirror, { runId, base, head, tip, branch: to.branch });
      return { request, since: fate?.kind === 'in-effect' ? (fate.by?.commit ?? head) : head };
    }),
  );
  const ordered: (typeof placed)[number][] = [];
  for (const one of placed) {
    let at = 0;
    while (at < ordered.length && !(await isAncestor(git, mirror, ordered[at]?.since ?? '', one.since))) at += 1;
    ordered.splice(at, 0, one);
  }
  return ordered.map(({ request }) => request);
}

async function takeBack(context: UndoContext, course: Course, request: OnBranch): Promise<UndoAnswer> {
  const { git, mirror } = context;
  const { head, base, runId, landed } = request;
  const { branch } = landed;
  const tip = await course.tip(branch);
  if (tip === null) {
    if (landed.previous !== null) throw branchGone(request);
    return { mode: 'branch-removed', evidence: `the branch ${branch} does not exist any more`, commit: null };
  }
  if (landed.previous === null && tip === head) {
    course.move(branch, null);
    return { mode: 'branch-removed', evidence: `the branch ${branch} was deleted at ${head}`, commit: null };
  }
  const there: Landed = { runId, base, head, branch, tip };
  const fate = await fateOf(git, mirror, there);
  if (fate.kind === 'gone') {
    const evidence = `the branch ${branch} is at ${tip} and does not contain ${head}: nothing of it is there`;
    return { mode: 'drop', evidence, commit: null };
  }
  if (fate.kind === 'taken-back') return alreadyTakenBack(there, fate.by);
  return revert(context, course, there);
}

function alreadyTakenBack({ branch, head }: Landed, { commit, reverts }: LaterCommit): UndoAnswer {
  const says = reverts.some((id) => head.startsWith(id));
  const how = says ? 'its message says so' : 'its lines are the opposite of the change';
  return {
    mode: 'reverted',
    evidence: `it was taken back already: ${branch} has ${commit} (${how}); nothing was done`,
    commit,
  };
}

async function revert(context: UndoContext, course: Course, landed: Landed): Promise<UndoAnswer> {
  const { git, mirror } = context;
  const { head, base, branch, tip, runId } = landed;
  const { tree, clashes } = await mergeThreeWay(git, mirror, { from: head, ours: tip, theirs: base });
  if (tree === null) throw standsInTheWay(landed, clashes, await namesOfLater(context, landed, clashes));
  if (tree === (await line(context, ['rev-parse', '--verify', `${tip}^{tree}`]))) {
    const evidence = `it was taken back already: every file of it is on ${branch} as it was before; nothing was done`;
    return { mode: 'reverted', evidence, commit: null };
  }
  const subject = await line(context, ['log', '-1', '--format=%s', head]);
  const message = `Revert "${subject}"\n\nThis reverts commit ${head}.\n\nLoopwright-Run: ${runId}\n`;
  const commit = await writeCommit(git, mirror, { tree, parents: [tip], message, seconds: secondsNow(context) });
  course.move(branch, commit);
  return { mode: 'reverted', evidence: `${commit} on ${branch} reverts ${head}`, commit };
}

async function line({ git, mirror }: UndoContext, args: readonly string[]): Promise<string> {
  return git.line({ args, gitDir: mirror.gitDir });
}

/** Commits a person is told of. */
const MAX_NAMED = 5;

/** The commits after the change that touched the files in question, newest first. */
async function namesOfLater(
  context: UndoContext,
  { head, tip }: Landed,
  clashes: readonly Clash[],
): Promise<readonly string[]> {
  const paths = clashes.map(({ path }) => path);
  const text = await context.git.line({
    args: ['log', `--max-count=${MAX_NAMED}`, '--format=%h %s', `${head}..${tip}`, '--', ...paths],
    gitDir: context.mirror.gitDir,
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  return text.split('\n').filter((one) => one !== '');
}

export function standsInTheWay(
  { branch, head, runId }: Pick<Landed, 'branch' | 'head' | 'runId'>,
  clashes: readonly Clash[],
  later: readonly string[],
): LoopwrightError {
  const files = clashes.map(({ path }) => path);
  const by = later.length === 0 ? '' : `, since: ${later.join('; ')}`;
  return new LoopwrightError('LW_RUN_STATE', {
    message: `run ${runId} cannot be taken back by itself: later commits touch the same places on ${branch}: ${clashWords(clashes)}${by}`,
    next:
      `Nothing was changed. If the later commits are runs, take them back too: \`--with-dependants\`. By hand: ` +
      `\`git switch ${shellWord(branch)} && git revert ${head}\`, resolve these files, \`git revert --continue\`; then \`loopwright undo ${runId}\` records it.`,
    details: { files, clashes, later },
  });
}

export function branchGone({ landed, head, repository }: OnBranch): LoopwrightError {
  const { branch } = landed;
  return new LoopwrightError('LW_BRANCH_EXISTS', {
    message: `there is no branch ${branch} in ${repository} any more, and the change landed there as ${head}`,
    next:
      `Nothing was changed. Where it went: \`git branch --all --contains ${head}\`; revert it there: ` +
      `\`git revert --no-edit ${head}\`. If it went nowhere, bring the branch back first: \`git branch ${shellWord(branch)} ${head}\`.`,
    details: { branch, commit: head },
  });
}

/** Branches beside its own that are looked at. */
const MAX_BRANCHES = 20;

/**
 * Advice, when the branches have moved already: what git cannot read of somebody's branch is said, and keeps nothing from
 * being written down as done.
 */
async function elsewhereWords(context: UndoContext, request: UndoRequest): Promise<string> {
  try {
    return await whereElse(context, request);
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    return `; which other branches have it could not be read: ${error.message}`;
  }
}

/** Where people merged the change to: loopwright put it on one branch, and takes it back from that one only. */
async function whereElse(context: UndoContext, request: UndoRequest): Promise<string> {
  const { git, mirror, repository } = context;
  const { head, base, runId, landed } = request;
  if (landed === null) return '';
  const args = ['for-each-ref', `--contains=${head}`, '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads'];
  // 129: the repository has no such commit, so no branch of it has one.
  const answer = await git.run({ args, directory: repository, answers: [129] });
  const found = answer.code === 0 ? answer.stdout.toString('utf8').split('\n').slice(0, MAX_BRANCHES) : [];
  const still: string[] = [];
  for (const text of found) {
    const space = text.indexOf(' ');
    const [tip, branch] = [text.slice(0, space), text.slice(space + 1)];
    if (space < 0 || branch === landed.branch) continue;
    await bring(git, mirror, repository, tip);
    if ((await fateOf(git, mirror, { runId, base, head, branch, tip })).kind === 'in-effect') still.push(branch);
  }
  const [first] = still;
  if (first === undefined) return '';
  const how = `\`git switch ${shellWord(first)} && git revert --no-edit ${head}\``;
  return `; it is STILL part of ${still.join(', ')}, where loopwright did not put it: ${how}`;
}
