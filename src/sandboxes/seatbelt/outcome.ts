/** What a finished sandbox-exec says about the program it was to start. */
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { launcherEnd } from '../launcher-end.ts';
import type { Launcher, LauncherWords } from '../launcher-end.ts';

const SEATBELT: Launcher = {
  name: 'seatbelt',
  by: 'sandbox-exec',
  next: () =>
    'Run `loopwright doctor --sandbox seatbelt`, and look for "Sandbox" in the log of the system (`log show`).',
};

/** Throws `LW_SANDBOX_LAUNCH` when the profile was not taken, or the shell at the gate could not start under it. */
export function interpretEnd(end: ProcessEnd, given: LauncherWords): ProcessEnd {
  return launcherEnd(SEATBELT, end, given);
}
