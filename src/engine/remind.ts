/**
 * Names who has to be told that a change waits, and writes down that it did. Where something sends, that comes first: what
 * was not taken is not written down and stays due, and what was taken right before this process died is sent again.
 */
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

export interface RemindOptions {
  readonly listener: EventListener;
  /** Sends it, within a lease; null: it is only written down. */
  readonly send: ((state: RunState, reminder: Reminder) => Promise<void>) | null;
}

/**
 * null while nothing is due. Rejects with `LW_RUN_BUSY` while somebody drives the run, and with what `send` rejects with;
 * then nothing was written down.
 */
export async function remindOf(
  deps: EngineDependencies,
  runId: string,
  { listener, send }: RemindOptions,
): Promise<Reminded | null> {
  const recorder = await takeRun(deps, runId, listener);
  try {
    await noticeExpired(deps, recorder);
    const { approvalRequest } = recorder.state();
    const due = dueReminder(recorder.state(), deps.clock.now());
    if (due === null || approvalRequest === null) return null;
    await send?.(recorder.state(), due);
    const reminder: Reminder = send === null ? due : { ...due, sent: true };
    await recorder.append({ type: 'approval.reminded', diffHash: approvalRequest.diffHash, ...reminder });
    return { state: recorder.state(), reminder };
  } finally {
    await deps.store.release(recorder.lease);
  }
}
