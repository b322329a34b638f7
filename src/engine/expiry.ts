/** Approvals that got too old: whoever takes the run and finds one writes it down. The core has no clock. */
import { overdueApprovals } from '../core/approval.ts';
import { canExpire, requestOf } from '../core/fold-approval.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

/** The diff whose approvals still matter: it waits for more of them, or was accepted by them and has not landed. */
export function approvedDiff(state: RunState): string | null {
  if (state.approvalRequest !== null) return state.approvalRequest.diffHash;
  const iteration = state.iterations.at(-1);
  // An open landing may have happened: only landing itself finds that out.
  if (iteration === undefined || !canExpire(state) || state.landRequested !== null) return null;
  return requestOf(iteration)?.diffHash ?? null;
}

/** Whose approvals are over now; a change that was accepted by them waits again. */
export async function noticeExpired(
  { clock }: Pick<EngineDependencies, 'clock'>,
  recorder: Recorder,
): Promise<readonly string[]> {
  const state = recorder.state();
  const diffHash = approvedDiff(state);
  if (diffHash === null) return [];
  const by = new Set(overdueApprovals(state.approvals, diffHash, clock.now()).map((one) => one.by));
  if (by.size > 0) await recorder.append({ type: 'approval.expired', diffHash, by: [...by] });
  return [...by];
}
