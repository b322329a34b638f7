/** What a finished bubblewrap says about the program it was to start. */
import { LoopwrightError } from '../../core/errors.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { programEnd } from '../exit-code.ts';
import { readStatus } from './namespace.ts';

/** Why execvp refused, in the words of the C library (bubblewrap runs without a locale). */
const NO_SUCH_PROGRAM = [
  'No such file or directory',
  'Permission denied',
  'Not a directory',
  'Is a directory',
  'Exec format error',
  'Too many levels of symbolic links',
  'File name too long',
];

/** null: bubblewrap did not get as far as starting the program. */
function missingProgram(words: string): string | null {
  const why = /^bwrap: execvp [\s\S]*: (?<why>[^:]+)$/u.exec(words)?.groups?.['why'];
  return why !== undefined && NO_SUCH_PROGRAM.includes(why) ? why : null;
}

/** What was said while a launch was set up. */
export interface LaunchWords {
  /** The beginning of standard error. */
  readonly words: string;
  readonly program: string;
  /** What the gate says of a program it did not find. */
  readonly missing: string | null;
}

/**
 * bubblewrap reports an exit code only for a program that was really started; until then, nothing but bubblewrap itself
 * (or what stands in front of it) can have written to standard error. So a program cannot pretend that it was missing.
 * `words` is the beginning of standard error. Throws `LW_SANDBOX_LAUNCH` when the sandbox could not be set up.
 */
export function interpretEnd(end: ProcessEnd, status: string, given: LaunchWords): ProcessEnd {
  if (end.kind !== 'exited' && end.kind !== 'signalled') return end;
  if (given.missing !== null) return { kind: 'not-found', detail: `${given.program}: ${given.missing}` };
  const { exitCode, init } = readStatus(status);
  if (exitCode !== null) return programEnd(exitCode);
  // bubblewrap itself was killed by someone else, with the program running.
  if (end.kind === 'signalled' && init !== null) return end;
  const words = given.words.trim();
  const why = missingProgram(words);
  if (why !== null) return { kind: 'not-found', detail: `${given.program}: ${why}` };
  const how = end.kind === 'exited' ? `exit code ${end.code}` : end.signal;
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `the sandbox could not start ${given.program}: ${words === '' ? `bubblewrap ended with ${how}` : words}`,
    next: words.endsWith('Argument list too long')
      ? 'Pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor` to see what works here.',
    details: { program: given.program, words, how },
  });
}
