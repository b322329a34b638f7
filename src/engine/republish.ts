/** Publishing once more what was taken back: what of it is on the forge in spite of that, and the change again on a target that lost it. */
import type { Change } from '../core/change.ts';
import { LoopwrightError } from '../core/errors.ts';
import { runBranch } from '../core/undo-plan.ts';
import { undoStanding } from '../core/undo-standing.ts';
import type { RunState } from '../core/state.ts';
import type { ReviewRequest } from '../ports/forge.ts';
import { wrongState } from './decisions.ts';
import { landedCommit } from './landed-commit.ts';
import type { Landable } from './landed-commit.ts';
import type { Publishing } from './publication.ts';
import { requireJudgedDiff } from './publish-gates.ts';
import { revertBranch } from './withdraw.ts';

/** Where the change is to be shown. */
export interface Wanted {
  readonly branch: string;
  /** null: where the policy says, else the default branch. */
  readonly target: string | null;
  /** The request by which it was on the target before it was taken back; null where it was never merged. */
  readonly merged: ReviewRequest | null;
}

/** Throws `LW_RUN_STATE` for what was taken back, unless it was brought back here and a person asks to show it again. */
export function refuseTakenBack(state: RunState, again: boolean): void {
  const { runId, undone, publication } = state;
  const publish = `\`loopwright land ${runId} --request --again\``;
  if (undoStanding(state) === 'unfinished') {
    throw wrongState(state, 'taking it back was begun and not finished', `Finish it: \`loopwright undo ${runId}\`.`);
  }
  if (undone !== null) {
    const next = `Bring it back here first: \`loopwright redo ${runId}\``;
    const then = publication.withdrawn === null ? '.' : `; then show it once more: ${publish}.`;
    throw wrongState(state, 'it was taken back', next + then);
  }
  if (publication.withdrawn === null || again) return;
  throw wrongState(state, 'what was published of it was withdrawn', `To show it once more: ${publish}.`);
}

/** On top of a target that had it before; loopwright never merges what it takes there: somebody did not want it once. */
export function isOnceMore(runId: string, branch: string): boolean {
  return branch !== runBranch(runId);
}

/** `loopwright/run`, `loopwright/run-again-2`, `loopwright/run-again-3`: a branch whose request was merged is not taken twice. */
function branchAfter(branch: string): string {
  const [, stem = branch, round = '1'] = /^(.*)-again-(\d+)$/.exec(branch) ?? [];
  return `${stem}-again-${Number(round) + 1}`;
}

/** Rejects with `LW_RUN_STATE` while a request is open that takes it back: merged later, it would take back this one too. */
export async function wantedNow({ forge, recorder }: Publishing): Promise<Wanted> {
  const state = recorder.state();
  const { intent, withdrawn } = state.publication;
  if (intent === null) return { branch: runBranch(state.runId), target: null, merged: null };
  if (withdrawn?.mode !== 'revert-requested') {
    const { branch, target } = intent;
    return { branch, target: isOnceMore(state.runId, branch) ? target : null, merged: null };
  }
  const open = (await forge.find(revertBranch(intent))).find((one) => one.state === 'open');
  if (open !== undefined) {
    const next = 'Have that request merged, or close it; then give the same command again. Nothing was sent.';
    throw wrongState(
      state,
      `request ${open.number}, which takes it back on ${open.target}, is open: ${open.url}`,
      next,
    );
  }
  const merged = (await forge.find(intent.branch)).find((one) => one.state === 'merged') ?? null;
  return { branch: branchAfter(intent.branch), target: merged?.target ?? intent.target, merged };
}

/**
 * The judged change done again on the tip of its target, as git can show: null where that changes nothing, for it is there. Rejects with
 * `LW_RUN_STATE` where later commits touch the same places, and with `LW_APPROVAL_STALE`.
 */
export async function reapplied(
  publishing: Publishing,
  { target, tip, change }: { readonly target: string; readonly tip: string; readonly change: Change },
): Promise<Landable | null> {
  const { deps, place, recorder } = publishing;
  const { commit, title: first } = await landedCommit(deps, recorder.state(), change);
  await requireJudgedDiff(publishing, change, commit);
  const title = `Reapply "${first}"`;
  const message = `${title}\n\n(cherry picked from commit ${commit})\n\nLoopwright-Run: ${place.runId}\n`;
  const again = await deps.remotes.reapply(place, { tip, commit, message });
  if (again.kind === 'merged') {
    const isThere = again.tree === (await deps.remotes.tree(place.repository, tip));
    return isThere ? null : { commit: again.commit, title };
  }
  throw new LoopwrightError('LW_RUN_STATE', {
    message: `run ${place.runId} cannot be shown once more by itself: later commits on ${target} touch the same places in ${again.files.join(', ')}`,
    next: 'Nothing was sent. Start a run from the target as it is now: `loopwright run --base REV`.',
    details: { files: again.files },
  });
}

/** The request by which the change is on its target, where it is there although it was to be taken back: nobody merged the revert. */
export async function stillMerged(
  publishing: Publishing,
  { target, merged }: Wanted,
  change: Change | null,
): Promise<ReviewRequest | null> {
  const { deps, place, recorder, signal } = publishing;
  if (merged === null || target === null || change === null) return null;
  const tip = await deps.remotes.bring(place, target, recorder.state().base.commit, signal);
  return (await reapplied(publishing, { target, tip, change })) === null ? merged : null;
}
