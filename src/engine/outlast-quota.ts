/** Waits until a vendor takes calls again, and goes on: for who would rather leave a process than come back. */
import { waitsForQuota } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { Clock } from '../ports/clock.ts';

/** Longest sleep at a time, milliseconds: a clock that was put forward must not be slept through. */
const LOOK_MS = 30_000;

export interface Outlasting {
  readonly clock: Clock;
  /** Goes on with the run in nobody's name: time has passed, and the log says so by itself. */
  readonly resume: () => Promise<RunState>;
  /** Ends the waiting at once and leaves the run as it waits. */
  readonly ended: AbortSignal;
}

/** Resolves when the run is over, waits for a person, or waits for a quota whose end nobody knows. */
export async function outlastQuota(waiting: RunState, { clock, resume, ended }: Outlasting): Promise<RunState> {
  let state = waiting;
  while (waitsForQuota(state) && state.quota !== null && state.quota.until !== null && !ended.aborted) {
    const leftMs = state.quota.until - clock.now();
    if (leftMs > 0) await clock.sleep(Math.min(leftMs, LOOK_MS), ended);
    else state = await resume();
  }
  return state;
}
