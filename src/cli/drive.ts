/** Drives a run from the command line: narrates it, listens to Ctrl-C, and says how it ended. */
import { isLoopwrightError } from '../core/errors.ts';
import { outcomeOf } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import { EXIT_WAITING } from '../core/stop-reason.ts';
import type { LegOptions } from '../engine/leg.ts';
import type { Bench } from './compose.ts';
import { createNarrator, exitCodeOfRun } from './context.ts';
import type { CliContext } from './context.ts';
import { catchInterrupts } from './interrupts.ts';

export interface DriveOptions {
  readonly json: boolean;
  readonly verbose?: boolean;
  readonly from?: RunState;
  /** Given where an accepted change may land by itself. */
  readonly landsWith?: Bench;
}

/** Leaves the process to wait while the run waits for a quota, and goes on with it. */
export async function waitForQuota(bench: Bench, state: RunState, leg: LegOptions): Promise<RunState> {
  const { outlastQuota } = await import('../engine/outlast-quota.ts');
  const { resumeRun } = await import('../engine/leg.ts');
  const signals = [leg.stop, leg.kill].filter((signal) => signal !== undefined);
  const resume = (): Promise<RunState> => resumeRun(bench, state.runId, leg);
  return outlastQuota(state, { clock: bench.clock, resume, ended: AbortSignal.any(signals) });
}

/** Lands an accepted change on a branch of its own, where the policy lets it. The run is over: its events are told to nobody. */
async function landByPolicy(context: CliContext, bench: Bench, state: RunState): Promise<RunState> {
  const mayLand = state.policy.class.autonomy === 'land' && state.landing === null;
  if (!mayLand || outcomeOf(state) !== 'accepted') return state;
  const { landRun } = await import('../engine/decisions.ts');
  let after: RunState;
  try {
    after = await landRun(bench, state.runId, null, () => undefined);
  } catch (error) {
    // It is accepted all the same; a person lands it when the freeze is over.
    if (!isLoopwrightError(error, 'LW_FROZEN')) throw error;
    context.terminal.err(`Not landed: ${error.message} [${error.code}]`);
    context.setExitCode(EXIT_WAITING);
    return state;
  }
  context.terminal.err(`Landed on branch ${after.landing?.branch ?? ''} (autonomy: land).`);
  return after;
}

/** Sets the exit code by where the run is when this process lets go of it. */
export async function drive(
  context: CliContext,
  options: DriveOptions,
  act: (leg: LegOptions) => Promise<RunState>,
): Promise<RunState> {
  const narrator = await createNarrator(context.terminal, options);
  const interrupts = catchInterrupts(context.terminal);
  try {
    const { stop, kill } = interrupts;
    const state = await act({ listener: narrator.listener, stop, kill });
    context.setExitCode(exitCodeOfRun(state));
    return options.landsWith === undefined ? state : await landByPolicy(context, options.landsWith, state);
  } finally {
    interrupts.end();
    narrator.end();
  }
}
