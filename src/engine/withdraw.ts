/** Takes back what was published: closes a request that is open, and asks for a revert of one that was merged. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import { isPublished } from '../core/fold-publish.ts';
import type { PublishIntent } from '../core/publish-event.ts';
import { requestMarks } from '../core/request-marks.ts';
import type { NewRequest, ReviewRequest } from '../ports/forge.ts';
import { openPublishing, proveMerge, requestOnce, requireSameForge } from './publication.ts';
import type { ProvenMerge, PublishDependencies, Publishing } from './publication.ts';
import { requireOwnBranch } from './publish-gates.ts';
import type { Recorder } from './recorder.ts';
import type { Elsewhere } from './undo.ts';

/** Deleted only while it holds our commit; what became of it, in words. */
async function dropBranch({ deps, place, signal }: Publishing, { branch, commit }: PublishIntent): Promise<string> {
  try {
    if (await deps.remotes.remove(place, { branch, commit }, signal))
      return `the branch ${branch} was deleted at ${commit}`;
  } catch (error) {
    // Rules of the server keep it there: without its request it shows nothing to anybody, and asking again changes nothing.
    if (!isLoopwrightError(error, 'LW_FORGE_REFUSED')) throw error;
    return `the branch ${branch} stays: ${error.message}`;
  }
  const tip = await deps.remotes.tip(place.remote, branch);
  if (tip === null) return `there is no branch ${branch}`;
  return `the branch ${branch} stays: it is at ${tip}, which is not ours`;
}

/** A request of the run's own branch that is not merged: closed, and its branch removed. */
async function closeAll(publishing: Publishing, intent: PublishIntent, all: readonly ReviewRequest[]): Promise<void> {
  const { recorder, forge } = publishing;
  const open = all.filter(({ state }) => state === 'open');
  const mode = all.length === 0 ? 'nothing' : 'closed';
  await recorder.append({ type: 'withdrawal.requested', mode, commit: null });
  for (const { number } of open) await forge.close(number);
  const numbers = open.map(({ number }) => number).join(', ');
  const requests = open.length === 0 ? 'no request was open' : `request ${numbers} was closed`;
  const evidence = `${requests}; ${await dropBranch(publishing, intent)}`;
  await recorder.append({ type: 'withdrawal.finished', mode, evidence });
}

/** What was merged, as git shows, and what of it the run did. */
interface ToRevert extends ProvenMerge {
  /** The merge; the run's own commit where somebody added others to the branch, for theirs are not ours to take back. */
  readonly commit: string;
  /** Where it was merged to: people may have led the request elsewhere. */
  readonly target: string;
}

/** The revert of an earlier try is taken again where there was one: its branch may be there. null where it would change nothing. */
async function revertOf(
  publishing: Publishing,
  { commit, mergeCommit, tip }: ToRevert,
  title: string,
): Promise<string | null> {
  const { deps, place, recorder } = publishing;
  const earlier = recorder.state().publication.withdrawing?.commit ?? null;
  if (earlier !== null && (await deps.results.builtOn(place.repository, earlier, mergeCommit))) return earlier;
  const message = `${title}\n\nThis reverts commit ${commit}.\n\nLoopwright-Run: ${place.runId}\n`;
  const result = await deps.remotes.revert(place, { tip, merged: commit, message });
  if (result.kind === 'merged') {
    const isBack = result.tree === (await deps.remotes.tree(place.repository, tip));
    return isBack ? null : result.commit;
  }
  throw new LoopwrightError('LW_RUN_STATE', {
    message: `the change cannot be taken back by itself: later commits touch the same places in ${result.files.join(', ')}`,
    next: `Revert it by hand and resolve these files: \`git revert -m 1 ${commit}\`. Nothing was changed.`,
    details: { files: result.files },
  });
}

/** The branch of the request that takes back what was merged. */
export function revertBranch({ branch }: PublishIntent): string {
  return `${branch}-revert`;
}

/** Asks for the revert; one that was asked for before, and merged since, is not asked for again. */
async function askFor(publishing: Publishing, wanted: NewRequest, commit: string): Promise<ReviewRequest> {
  const { deps, forge, place, signal } = publishing;
  const { branch } = wanted;
  const merged = (await forge.find(branch)).find((one) => one.state === 'merged' && one.head === commit);
  if (merged !== undefined) return merged;
  await deps.remotes.push(place, { branch, commit }, signal);
  return (await requestOnce(publishing, wanted)).request;
}

function askedWords({ commit, target }: ToRevert, { number, url, state }: ReviewRequest): string {
  return `request ${number} reverts ${commit} on ${target}: ${url}${state === 'merged' ? ', merged already' : ''}`;
}

interface Reverting {
  readonly merge: ToRevert;
  /** What is asked for; null where somebody took it back on the target already. */
  readonly commit: string | null;
  readonly title: string;
}

async function requestRevert(
  publishing: Publishing,
  intent: PublishIntent,
  { merge, commit, title }: Reverting,
): Promise<void> {
  const { recorder } = publishing;
  const state = recorder.state();
  await recorder.append({ type: 'withdrawal.requested', mode: 'revert-requested', commit });
  const branch = revertBranch(intent);
  const body = `Takes back what run ${state.runId} did in ${merge.commit}.${requestMarks(state)}`;
  const asked =
    commit === null
      ? `it was taken back on ${merge.target} already: reverting ${merge.commit} there changes nothing`
      : askedWords(merge, await askFor(publishing, { branch, target: merge.target, title, body }, commit));
  const evidence = `${asked}; ${await dropBranch(publishing, intent)}`;
  await recorder.append({ type: 'withdrawal.finished', mode: 'revert-requested', evidence });
}

/** What has to be done on the forge, as it is there now. Nothing is changed by looking. */
async function lookThere(
  publishing: Publishing,
  intent: PublishIntent,
): Promise<{ readonly all: readonly ReviewRequest[]; readonly reverting: Reverting | null }> {
  const { base } = publishing.recorder.state();
  const { commit } = intent;
  const all = await publishing.forge.find(intent.branch);
  const merged = all.find((one) => one.state === 'merged');
  if (merged === undefined) return { all, reverting: null };
  const { head, target } = merged;
  const proven = await proveMerge(publishing, merged, { commit, base: base.commit });
  const merge = { ...proven, target, commit: head === commit ? proven.mergeCommit : commit };
  const title = `Revert "${intent.title}"`;
  await requireOwnBranch(publishing, revertBranch(intent), target);
  return { all, reverting: { merge, title, commit: await revertOf(publishing, merge, title) } };
}

/**
 * For a run whose change is, or may be, on a forge; null for any other. Finds what refuses it there, and changes nothing; what it resolves
 * to takes it back. What is not of the run's own making is never removed, and what became of it is in the evidence. Both reject as the forge
 * does.
 */
async function planWithdrawal(
  deps: PublishDependencies,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<(() => Promise<void>) | null> {
  const { publication, task, runId } = recorder.state();
  const { intent } = publication;
  if (intent === null || !isPublished(publication)) return null;
  const publishing = await openPublishing(deps, recorder, signal);
  requireSameForge(publishing, intent);
  await lookThere(publishing, intent);
  return async () => {
    // Others were asked meanwhile, and people work there: what was open may be merged by now.
    const { all, reverting } = await lookThere(publishing, intent);
    if (reverting === null) await closeAll(publishing, intent, all);
    else await requestRevert(publishing, intent, reverting);
    await deps.remotes.forget(task.repository, runId);
  };
}

/** What an undo does on a forge: all is planned for every run before anything there is touched. */
export function withdrawals(deps: PublishDependencies): Elsewhere {
  return async (recorders, signal) => {
    const all: (() => Promise<void>)[] = [];
    for (const recorder of recorders) {
      const carryOut = await planWithdrawal(deps, recorder, signal);
      if (carryOut !== null) all.push(carryOut);
    }
    return async () => {
      for (const carryOut of all) await carryOut();
    };
  };
}
