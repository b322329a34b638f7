/** Takes back what was published: closes a request that is open, and asks for a revert of one that was merged. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import { isPublished } from '../core/fold-publish.ts';
import type { PublishIntent } from '../core/publish-event.ts';
import { requestMarks } from '../core/request-marks.ts';
import type { RunState } from '../core/state.ts';
import type { NewRequest, ReviewRequest } from '../ports/forge.ts';
import { holdRun } from './hold-run.ts';
import type { HoldOptions } from './hold-run.ts';
import { openPublishing, proveMerge, requestOnce, requireSameForge } from './publication.ts';
import type { ProvenMerge, PublishDependencies, Publishing } from './publication.ts';
import { requireOwnBranch } from './publish-gates.ts';
import { requireUndoable } from './undo.ts';

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

/** The revert of an earlier try is taken again where there was one: its branch may be there. */
async function revertOf(
  publishing: Publishing,
  { commit, mergeCommit, tip }: ToRevert,
  title: string,
): Promise<string> {
  const { deps, place, recorder } = publishing;
  const earlier = recorder.state().publication.withdrawing?.commit ?? null;
  if (earlier !== null && (await deps.results.builtOn(place.repository, earlier, mergeCommit))) return earlier;
  const message = `${title}\n\nThis reverts commit ${commit}.\n\nLoopwright-Run: ${place.runId}\n`;
  const result = await deps.remotes.revert(place, { tip, merged: commit, message });
  if (result.kind === 'merged') return result.commit;
  throw new LoopwrightError('LW_RUN_STATE', {
    message: `the change cannot be taken back by itself: later commits touch the same places in ${result.files.join(', ')}`,
    next: `Revert it by hand and resolve these files: \`git revert -m 1 ${commit}\`. Nothing was changed.`,
    details: { files: result.files },
  });
}

/** Asks for the revert; one that was asked for before, and merged since, is not asked for again. */
async function askFor(publishing: Publishing, wanted: NewRequest, commit: string): Promise<ReviewRequest> {
  const { deps, forge, place, signal } = publishing;
  const { branch } = wanted;
  const merged = (await forge.find(branch)).find((one) => one.state === 'merged' && one.head === commit);
  if (merged !== undefined) return merged;
  await requireOwnBranch(publishing, branch, wanted.target);
  await deps.remotes.push(place, { branch, commit }, signal);
  return (await requestOnce(publishing, wanted)).request;
}

async function requestRevert(publishing: Publishing, intent: PublishIntent, merge: ToRevert): Promise<void> {
  const { recorder } = publishing;
  const state = recorder.state();
  const title = `Revert "${intent.title}"`;
  const commit = await revertOf(publishing, merge, title);
  await recorder.append({ type: 'withdrawal.requested', mode: 'revert-requested', commit });
  const branch = `${intent.branch}-revert`;
  const body = `Takes back what run ${state.runId} did in ${merge.commit}.${requestMarks(state)}`;
  const request = await askFor(publishing, { branch, target: merge.target, title, body }, commit);
  const how = request.state === 'merged' ? ', merged already' : '';
  const asked = `request ${request.number} reverts ${merge.commit} on ${merge.target}: ${request.url}${how}`;
  const evidence = `${asked}; ${await dropBranch(publishing, intent)}`;
  await recorder.append({ type: 'withdrawal.finished', mode: 'revert-requested', evidence });
}

/**
 * For a run whose change is, or may be, on a forge; does nothing for any other. What is not of the run's own making is never removed, and
 * what became of it is in the evidence. Rejects as the forge does.
 */
export async function withdrawRun(deps: PublishDependencies, runId: string, options: HoldOptions): Promise<RunState> {
  return holdRun(deps, runId, options, async (recorder, signal) => {
    const state = recorder.state();
    const { intent } = state.publication;
    if (intent === null || !isPublished(state.publication)) return state;
    requireUndoable(state);
    const publishing = await openPublishing(deps, recorder, signal);
    requireSameForge(publishing, intent);
    const all = await publishing.forge.find(intent.branch);
    const merged = all.find((one) => one.state === 'merged');
    const { commit } = intent;
    if (merged === undefined) await closeAll(publishing, intent, all);
    else {
      const { head, target } = merged;
      const merge = await proveMerge(publishing, merged, { commit, base: state.base.commit });
      await requestRevert(publishing, intent, {
        ...merge,
        target,
        commit: head === commit ? merge.mergeCommit : commit,
      });
    }
    await deps.remotes.forget(state.task.repository, runId);
    return recorder.state();
  });
}
