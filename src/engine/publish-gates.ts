/** What is looked at before a change is shown to anybody: the branch, what the repository states, who has to review, the target. */
import type { Change } from '../core/change.ts';
import { LoopwrightError } from '../core/errors.ts';
import { ownersOf } from '../core/owner.ts';
import { DEFAULT_PUBLISH } from '../core/policy.ts';
import type { PublishHeld } from '../core/publish-event.ts';
import { ownersOfRequest } from '../core/request-marks.ts';
import { STATED_POLICY_FILES, statedPolicy } from '../core/stated-policy.ts';
import type { StatedLine } from '../core/stated-policy.ts';
import { runBranch } from '../core/undo-plan.ts';
import { checkMerge } from './merge-check.ts';
import type { Publishing } from './publication.ts';

/** Branches of runs; requests from them are loopwright's. */
const PREFIX = runBranch('');

/** Never the default branch, never one that rules guard. Rejects with `LW_FORGE_BRANCH`. */
export async function requireOwnBranch({ forge }: Publishing, branch: string, target: string): Promise<void> {
  const ordinary = branch === target || branch === (await forge.defaultBranch());
  if (!ordinary && !(await forge.isProtected(branch))) return;
  throw new LoopwrightError('LW_FORGE_BRANCH', {
    message: `${branch} of ${forge.repository} is ${ordinary ? 'a branch that others build on' : 'guarded by rules of the forge'}, and loopwright pushes only branches of its own`,
    next: 'Take branches below `loopwright/` out of those rules.',
    details: { branch, target },
  });
}

/**
 * A request shows everything between its branch and the target: a base that the target lacks would show commits that are nobody's
 * business here. Rejects with `LW_BASE_NOT_ON_REMOTE`.
 */
export async function requireSharedBase(
  { deps, place, recorder, forge }: Publishing,
  target: string,
  tip: string,
): Promise<void> {
  const { base } = recorder.state();
  if (await deps.results.builtOn(place.repository, tip, base.commit)) return;
  throw new LoopwrightError('LW_BASE_NOT_ON_REMOTE', {
    message: `the run started from ${base.commit} (${base.name}), and ${target} of ${forge.repository} at ${tip} does not have it: a request would show commits that are not of the run`,
    next: 'Push the base yourself first, or start the run from a revision that is there.',
    details: { base: base.commit, target, tip },
  });
}

/** What the repository says to those who come with an AI, at the commit a request is for. */
export async function readStatedPolicy({ forge }: Publishing, tip: string): Promise<readonly StatedLine[]> {
  const read = STATED_POLICY_FILES.map(async (path) => {
    const text = await forge.readFile(path, tip);
    return text === null ? [] : statedPolicy(path, text);
  });
  return (await Promise.all(read)).flat();
}

/** Rejects with `LW_FORGE_FORBIDS` unless a person insists. */
export function requireWelcome({ forge }: Publishing, lines: readonly StatedLine[], despitePolicy: boolean): void {
  const ban = lines.find(({ forbids }) => forbids);
  if (ban === undefined || despitePolicy) return;
  throw new LoopwrightError('LW_FORGE_FORBIDS', {
    message: `${forge.repository} states in ${ban.path}, line ${ban.line}: ${JSON.stringify(ban.text)}`,
    next: 'Nothing was sent. If that does not mean this change, say so with `--despite-policy`; a person answers for it.',
    details: { path: ban.path, line: ban.line },
  });
}

/** null where the owners of the run have room for one more. Who has no owner shares the room of nobody. */
export async function tooManyOpen({ forge, recorder }: Publishing, branch: string): Promise<PublishHeld | null> {
  const state = recorder.state();
  const { openRequests } = state.policy.publish ?? DEFAULT_PUBLISH;
  const all = await forge.open({ author: null, label: null });
  const ours = all.filter((one) => one.branch.startsWith(PREFIX) && one.branch !== branch);
  const owners = ownersOf(state);
  const full = (owners.length === 0 ? [null] : owners)
    .map((owner) => {
      const open = ours.filter((one) => {
        const theirs = ownersOfRequest(one);
        return owner === null ? theirs.length === 0 : theirs.includes(owner);
      });
      return { owner: owner ?? 'nobody named', open };
    })
    .find(({ open }) => open.length >= openRequests);
  if (full === undefined) return null;
  const numbers = full.open.map(({ number }) => number).join(', ');
  const detail = `${full.owner} has ${full.open.length} open requests of loopwright on ${forge.repository} (${numbers}), and publish.open-requests is ${openRequests}`;
  return { why: 'open-requests', detail };
}

export interface Target {
  readonly target: string;
  readonly tip: string;
  /** The change as it is published. */
  readonly commit: string;
}

/**
 * The acceptance on the merge result, where the target is not what the run started from. null where it holds; both ways are recorded.
 * What held on the same two commits before is not tried again.
 */
export async function checkTarget(
  publishing: Publishing,
  { target, tip, commit }: Target,
): Promise<PublishHeld | null> {
  const { deps, place, recorder, signal } = publishing;
  const { base, publication } = recorder.state();
  const known = publication.checked;
  if (known !== null && known.tip === tip && known.commit === commit && known.objections.length === 0) return null;
  const tree = await deps.remotes.tree(place.repository, commit);
  if (tip === base.commit) {
    await recorder.append({ type: 'target.checked', target, tip, commit, tree, checks: [], objections: [] });
    return null;
  }
  const merged = await deps.remotes.merge(place, tip, commit);
  if (merged.kind === 'conflict') {
    const detail = `${target} moved to ${tip}, and both change ${merged.files.slice(0, 5).join(', ')}`;
    return { why: 'conflict', detail };
  }
  const tipTree = await deps.remotes.tree(place.repository, tip);
  const merge = { target, tip, tipTree, commit: merged.commit, signal };
  const { checks, objections } = await checkMerge(deps, recorder, merge);
  await recorder.append({ type: 'target.checked', target, tip, commit, tree: merged.tree, checks, objections });
  return objections.length === 0
    ? null
    : { why: 'red', detail: `${target} moved to ${tip}, and with the change: ${objections.join('; ')}` };
}

/** The commit that is pushed holds what was judged, to the byte. Rejects with `LW_APPROVAL_STALE`. */
export async function requireJudgedDiff(
  { deps, place, recorder }: Publishing,
  change: Change,
  commit: string,
): Promise<void> {
  const { base, runId } = recorder.state();
  const real = await deps.results.diffHash(place.repository, base.commit, commit);
  if (real === change.diffHash) return;
  throw new LoopwrightError('LW_APPROVAL_STALE', {
    message: `what would be published of run ${runId} has the diff ${real}, but what was judged has ${change.diffHash}`,
    next: `Nothing was sent. Compare with \`loopwright diff ${runId}\`.`,
  });
}
