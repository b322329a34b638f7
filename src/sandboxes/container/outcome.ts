/** What a finished podman says about the program it was to start. */
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { launcherEnd } from '../launcher-end.ts';
import type { Launcher, LauncherWords } from '../launcher-end.ts';

const CONTAINER: Launcher = {
  name: 'the container',
  by: 'podman',
  next: (words) =>
    words.includes('rgument list too long')
      ? 'Pass large inputs through standard input or a file.'
      : 'Run `loopwright doctor --sandbox container` to see what works here.',
};

/** Throws `LW_SANDBOX_LAUNCH` when the container could not be set up. */
export function interpretEnd(end: ProcessEnd, given: LauncherWords): ProcessEnd {
  return launcherEnd(CONTAINER, end, given);
}
