/** What a finished launcher (podman, sandbox-exec) says about the program it was to start. */
import { LoopwrightError } from '../core/errors.ts';
import type { ProcessEnd } from '../ports/sandbox.ts';
import { programEnd } from './exit-code.ts';

export interface LauncherWords {
  readonly program: string;
  /** The beginning of standard error. */
  readonly words: string;
  /** Whether the program's gate was reached: until then only what makes the sandbox can have said anything. */
  readonly asked: boolean;
  /** What the gate says of a program it did not find. */
  readonly missing: string | null;
}

export interface Launcher {
  /** What could not start the program: `the container`. */
  readonly name: string;
  /** The program that makes it: `podman`. */
  readonly by: string;
  /** What to do about these words. */
  next(words: string): string;
}

/** Throws `LW_SANDBOX_LAUNCH` when the program's gate was never reached. */
export function launcherEnd(launcher: Launcher, end: ProcessEnd, given: LauncherWords): ProcessEnd {
  if (end.kind !== 'exited' && end.kind !== 'signalled') return end;
  if (given.missing !== null) return { kind: 'not-found', detail: `${given.program}: ${given.missing}` };
  if (given.asked) return end.kind === 'exited' ? programEnd(end.code) : end;
  const words = given.words.trim();
  const how = end.kind === 'exited' ? `exit code ${end.code}` : end.signal;
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `${launcher.name} could not start ${given.program}: ${words === '' ? `${launcher.by} ended with ${how}` : words}`,
    next: launcher.next(words),
    details: { program: given.program, words, how },
  });
}
