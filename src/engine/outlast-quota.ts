/** Waits until a vendor takes calls again, and goes on: for who would rather leave a process than come back. */
import { waitsForQuota } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';
import { resumeRun } from './leg.ts';
import type { LegOptions } from './leg.ts';

/** Longest sleep at a time, milliseconds: a clock that was put forward must not be slept through. */
const LOOK_MS = 30_000;

/**
 * Resolves when the run is over, waits for a person, or waits for a quota whose end nobody knows. A stop or a kill ends the
 * waiting at once and leaves the run as it waits.
 */
export async function outlastQuota(
  deps: EngineDependencies,
  waiting: RunState,
  options: LegOptions,
): Promise<RunState> {
  let state = waiting;
  const signals = [options.stop, options.kill].filter((signal) => signal !== undefined);
  const ended = AbortSignal.any(signals);
  while (waitsForQuota(state) && state.quota?.until != null && !ended.aborted) {
    const leftMs = state.quota.until - deps.clock.now();
    if (leftMs > 0) await deps.clock.sleep(Math.min(leftMs, LOOK_MS), ended);
    // Nobody resumed it: time did, and the log says so by itself.
    else state = await resumeRun(deps, state.runId, { ...options });
  }
  return state;
}
