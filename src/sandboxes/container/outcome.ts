/** What a finished podman says about the program it was to start. */
import { LoopwrightError } from '../../core/errors.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { programEnd } from '../exit-code.ts';

export interface ContainerWords {
  readonly program: string;
  /** The beginning of standard error. */
  readonly words: string;
  /** Whether the program's gate was reached: until then only podman and the runtime can have said anything. */
  readonly asked: boolean;
  /** What the gate says of a program it did not find. */
  readonly missing: string | null;
}

/** Throws `LW_SANDBOX_LAUNCH` when the container could not be set up. */
export function interpretEnd(end: ProcessEnd, given: ContainerWords): ProcessEnd {
  if (end.kind !== 'exited' && end.kind !== 'signalled') return end;
  if (given.missing !== null) return { kind: 'not-found', detail: `${given.program}: ${given.missing}` };
  if (given.asked) return end.kind === 'exited' ? programEnd(end.code) : end;
  const words = given.words.trim();
  const how = end.kind === 'exited' ? `exit code ${end.code}` : end.signal;
  throw new LoopwrightError('LW_SANDBOX_LAUNCH', {
    message: `the container could not start ${given.program}: ${words === '' ? `podman ended with ${how}` : words}`,
    next: words.includes('rgument list too long')
      ? 'Pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor --sandbox container` to see what works here.',
    details: { program: given.program, words, how },
  });
}
