/** Drives a run from the command line: narrates it, listens to Ctrl-C, and says how it ended. */
import type { RunState } from '../core/state.ts';
import { EXIT_INTERRUPTED } from '../core/stop-reason.ts';
import type { LegOptions } from '../engine/leg.ts';
import { createNarrator, exitCodeOfRun } from './context.ts';
import type { CliContext } from './context.ts';
import { catchInterrupts } from './interrupts.ts';

export interface DriveOptions {
  readonly json: boolean;
  readonly verbose?: boolean;
  readonly from?: RunState;
}

/** Returns null when everything was killed: the log then says where it ended. */
export async function drive(
  context: CliContext,
  options: DriveOptions,
  act: (leg: LegOptions) => Promise<RunState>,
): Promise<RunState | null> {
  const narrator = await createNarrator(context.terminal, options);
  const interrupts = catchInterrupts(context.terminal);
  try {
    const { stop, kill } = interrupts;
    const state = await act({ listener: narrator.listener, stop, kill });
    context.setExitCode(exitCodeOfRun(state));
    return state;
  } catch (error) {
    if (!interrupts.kill.aborted) throw error;
    context.setExitCode(EXIT_INTERRUPTED);
    return null;
  } finally {
    interrupts.end();
    narrator.end();
  }
}
