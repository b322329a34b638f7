/** What a finished sandbox-exec says about the program it was to start. */
import { LoopwrightError } from '../../core/errors.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { programEnd } from '../exit-code.ts';

export interface SeatbeltWords {
  readonly program: string;
  /** The beginning of standard error. */
  readonly words: string;
  /** Whether the program's gate was reached: until then only sandbox-exec and the shell can have said anything. */
  readonly asked: boolean;
  /** What the gate says of a program it did not find. */
  readonly missing: string | null;
}

/** Throws `LW_SANDBOX_LAUNCH` when the profile was not taken, or the shell at the gate could not start under it. */
export function interpretEnd(end: ProcessEnd, given: SeatbeltWords): ProcessEnd {
  if (end.kind !== 'exited' && end.kind !== 'signalled') return end;
  if (given.missing !== null) return { kind: 'not-found', detail: `${given.program}: ${given.missing}` };
  if (given.asked) return end.kind === 'exited' ? programEnd(end.code) : end;
  const words = given.words.trim();
  const how = end.kind === 'exited' ? `exit code ${end.code}` : end.signal;
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `seatbelt could not start ${given.program}: ${words === '' ? `sandbox-exec ended with ${how}` : words}`,
    next: 'Run `loopwright doctor --sandbox seatbelt`, and look for "Sandbox" in the log of the system (`log show`).',
    details: { program: given.program, words, how },
  });
}
