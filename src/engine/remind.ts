/** Names who has to be told that a change waits, and writes down that it did. Sending is for whoever reads it. */
import type { Reminder } from '../core/approval-event.ts';
import { dueReminder } from '../core/reminder.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';
import { noticeExpired } from './expiry.ts';
import { takeRun } from './leg.ts';
import type { EventListener } from './recorder.ts';

export interface Reminded {
  readonly state: RunState;
  readonly reminder: Reminder;
}

/** null while nothing is due. Rejects with `LW_RUN_BUSY` while somebody drives the run. */
export async function remindOf(
  deps: EngineDependencies,
  runId: string,
  listener: EventListener,
): Promise<Reminded | null> {
  const recorder = await takeRun(deps, runId, listener);
  try {
    await noticeExpired(deps, recorder);
    const { approvalRequest } = recorder.state();
    const reminder = dueReminder(recorder.state(), deps.clock.now());
    if (reminder === null || approvalRequest === null) return null;
    await recorder.append({ type: 'approval.reminded', diffHash: approvalRequest.diffHash, ...reminder });
    return { state: recorder.state(), reminder };
  } finally {
    await deps.store.release(recorder.lease);
  }
}
