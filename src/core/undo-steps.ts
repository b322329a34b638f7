/** What a person without loopwright types: the steps of an undo plan, and those that hold in the state the run is in. Pure. */
import { shellWord } from './shell-word.ts';
import { isPublished } from './fold-publish.ts';
import type { Publication } from './fold-publish.ts';
import { newestChange } from './state.ts';
import type { Landing, RunState } from './state.ts';
import { runBranch } from './undo-plan.ts';
import type { UndoStep } from './undo-plan.ts';

/**
 * Plain git, to be run in the user's repository with nothing uncommitted; empty where there is nothing to take back. A
 * branch of the run's own is deleted only while nothing was built on it, so both ways are said.
 */
export function undoStepsNow(state: RunState): readonly UndoStep[] {
  const { landing, undone, stop, runId } = state;
  if (undone !== null) return redoSteps(state);
  const there = onForge(state.publication);
  if (landing !== null) return [...there, ...afterLanding(landing, runId)];
  if (there.length > 0) return there;
  if (stop === null || newestChange(state) === null) return [];
  const what = 'Nothing of your repository has changed; drop the kept result.';
  return [{ when: 'before-landing', what, command: `loopwright undo ${runId}` }];
}

/**
 * The steps of the plan as they can be typed: what lands is not the checkpoint but a commit of its own, and before it has
 * landed, git finds that by its trailer. Empty where there is no plan of the newest change.
 */
export function plannedUndoSteps(state: RunState): readonly UndoStep[] {
  const { undo, landing, runId } = state;
  if (undo === null || undo.plan.head !== newestChange(state)?.checkpoint) return [];
  const landed = landing?.commit ?? `"$(git log -1 --format=%H --grep='^Loopwright-Run: ${runId}$')"`;
  return undo.plan.steps.map((step) => ({ ...step, command: step.command.replaceAll(undo.plan.head, () => landed) }));
}

/** `-m 1` is heard for what is no merge, too (git 2.21): nobody here knows how the forge merged. */
function onForge(publication: Publication): readonly UndoStep[] {
  const { intent, request } = publication;
  if (intent === null || !isPublished(publication)) return [];
  const { remote, branch, repository } = intent;
  const when = 'after-landing';
  if (request?.mergeCommit != null) {
    const what = `On the branch of ${repository} it was merged to, fetched anew (${request.url}): revert it, and have that reviewed.`;
    return [{ when, what, command: `git revert --no-edit -m 1 ${request.mergeCommit}` }];
  }
  const what = `Close the request ${request?.url ?? `on ${repository}, if there is one`}, and delete its branch.`;
  return [{ when, what, command: `git push ${shellWord(remote)} --delete ${shellWord(branch)}` }];
}

function afterLanding({ branch, commit, previous }: Landing, runId: string): readonly UndoStep[] {
  const when = 'after-landing';
  const revert = { when, command: `git switch ${shellWord(branch)} && git revert --no-edit ${commit}` } as const;
  if (previous !== null || branch !== runBranch(runId)) {
    return [{ ...revert, what: `Revert its commit on ${branch}.` }];
  }
  return [
    {
      when,
      what: `While nothing was built on ${branch}: delete the branch.`,
      command: `git branch -D ${shellWord(branch)}`,
    },
    { ...revert, what: `Once something was built on ${branch}: revert its commit there.` },
  ];
}

function redoSteps({ undone, landedBefore, runId }: RunState): readonly UndoStep[] {
  const when = 'after-undo';
  if (landedBefore !== null && undone?.mode === 'branch-removed') {
    const { branch, commit } = landedBefore;
    return [
      { when, what: 'Make the branch again, where it was.', command: `git branch ${shellWord(branch)} ${commit}` },
    ];
  }
  if (landedBefore !== null && undone?.commit !== undefined) {
    const { branch } = landedBefore;
    const command = `git switch ${shellWord(branch)} && git revert --no-edit ${undone.commit}`;
    return [{ when, what: `Revert the revert on ${branch}.`, command }];
  }
  return [{ when, what: 'Bring the result back.', command: `loopwright redo ${runId}` }];
}
