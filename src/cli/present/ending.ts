/** The last words of a run, or of a leg that waits: what it means and what a person can do now. */
import type { ApprovalRequest } from '../../core/approval.ts';
import { freezeWords } from '../../core/freeze.ts';
import type { Freeze } from '../../core/freeze.ts';
import type { Usage } from '../../core/limit.ts';
import type { QuotaWait } from '../../core/model-event.ts';
import { usdOf } from '../../core/spend.ts';
import { stopReasonEntry } from '../../core/stop-reason.ts';
import type { StopReason } from '../../core/stop-reason.ts';
import type { UndoRehearsal } from '../../core/undo-plan.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import { nextAction } from '../../report/phrases.ts';
import { quotaWords } from '../../report/spend-words.ts';
import { approvalCommands } from '../../report/summary.ts';
import { count, duration, money, short } from '../../report/words.ts';
import { below, fact } from './facts.ts';
import type { Page } from './facts.ts';

/** Details list reasons, which name tests and files: enough of them, not all of them. */
const MAX_DETAIL = 600;

export function waitingBlock(page: Page, runId: string, request: ApprovalRequest): readonly string[] {
  const [look = '', yes = '', no = ''] = approvalCommands(visible(runId));
  const { bold, yellow, cyan } = page.palette;
  return [
    '',
    bold(yellow('waiting for a person')),
    ...request.reasons.flatMap((reason, index) => fact(page, index === 0 ? 'why' : '', prose(reason))),
    ...fact(page, 'change', `iteration ${request.iteration}, diff ${visible(short(request.diffHash))}`),
    ...fact(page, 'look', look, cyan),
    ...fact(page, 'yes', yes, cyan),
    ...fact(page, 'no', no, cyan),
    ...below(page, 'No process is held while the run waits.', page.palette.dim),
  ];
}

/** A run that may change what a person froze. */
export function frozenBlock(page: Page, runId: string, freezes: readonly Freeze[]): readonly string[] {
  const { bold, yellow, cyan, dim } = page.palette;
  return [
    '',
    bold(yellow('waiting: frozen')),
    ...freezes.flatMap((freeze) => fact(page, 'why', `${visible(freeze.id)}: ${prose(freezeWords(freeze))}`)),
    ...fact(page, 'next', `when it is over: loopwright resume ${visible(runId)}`, cyan),
    ...below(page, 'No process is held while the run waits.', dim),
  ];
}

/** A run that a vendor made wait. */
export function quotaBlock(page: Page, runId: string, quota: QuotaWait): readonly string[] {
  const { bold, yellow, cyan, dim } = page.palette;
  return [
    '',
    bold(yellow('waiting for quota')),
    ...fact(page, 'why', prose(quotaWords(quota))),
    ...fact(page, 'next', `loopwright resume ${visible(runId)}`, cyan),
    ...fact(page, '', `or let it wait by itself: loopwright resume ${visible(runId)} --wait-for-quota`, cyan),
    ...below(page, 'No process is held while the run waits.', dim),
  ];
}

export function usageWords(usage: Usage, iterations: number): string {
  const calls = usage.modelCalls === 0 ? '0 model calls metered' : count(usage.modelCalls, 'model call');
  const cost = usage.costNanoUsd > 0 ? `, ${money(usdOf(usage.costNanoUsd))}` : '';
  return `${count(iterations, 'iteration')}, ${duration(usage.wallTimeMs)}, ${calls}${cost}`;
}

/** How a run that landed nothing can be undone; one that was not accepted has nothing that could land, one without a change nothing to drop. */
export function undoWords(runId: string, { accepted, changed }: { accepted: boolean; changed: boolean }): string {
  const command = `\`loopwright undo ${visible(runId)}\``;
  if (!changed) return 'nothing of your repository has changed, and no change is kept';
  if (!accepted) return `nothing of your repository has changed; ${command} drops what is kept`;
  return `nothing of your repository has changed yet; ${command}`;
}

function endingUndo(page: Page, { runId, reason, changed, rehearsal }: Ending): readonly string[] {
  if (rehearsal !== null && !rehearsal.worked) {
    return fact(page, 'undo', `the rehearsal did not work: ${prose(rehearsal.evidence)}`, page.palette.red);
  }
  return fact(page, 'undo', undoWords(runId, { accepted: reason === 'accepted', changed }));
}

export interface Ending {
  readonly runId: string;
  readonly reason: StopReason;
  /** Empty when it would only repeat what was just printed. */
  readonly detail: string;
  readonly used: string;
  /** A change of it was collected. */
  readonly changed: boolean;
  readonly rehearsal: UndoRehearsal | null;
  /** Nothing of it ever lands. */
  readonly reportsOnly: boolean;
}

export function stoppedBlock(page: Page, ending: Ending): readonly string[] {
  const { palette } = page;
  const { reason, runId } = ending;
  const { meaning, exitCode } = stopReasonEntry(reason);
  const paint = exitCode === 0 ? palette.green : palette.red;
  const title = exitCode === 0 ? 'accepted' : `not accepted: ${reason}`;
  return [
    '',
    palette.bold(paint(title)),
    ...fact(page, 'meaning', meaning),
    ...(ending.detail === '' ? [] : fact(page, 'detail', clip(prose(ending.detail), MAX_DETAIL))),
    ...fact(page, 'used', ending.used),
    ...endingUndo(page, ending),
    ...fact(page, 'next', nextAction(reason, visible(runId), ending.reportsOnly), palette.cyan),
  ];
}
