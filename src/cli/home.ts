/** Where loopwright keeps its state: never inside a repository. */
import { isAbsolute, join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';

/** `$LOOPWRIGHT_HOME`, else `$XDG_STATE_HOME/loopwright`, else `~/.local/state/loopwright` (XDG base directories 0.8). */
export function stateHome(env: Readonly<Record<string, string | undefined>>): string {
  const explicit = env['LOOPWRIGHT_HOME'];
  if (explicit !== undefined && explicit !== '') return absolute('LOOPWRIGHT_HOME', explicit);
  const xdg = env['XDG_STATE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(absolute('XDG_STATE_HOME', xdg), 'loopwright');
  const home = env['HOME'];
  if (home === undefined || home === '') {
    throw new LoopwrightError('LW_USAGE', {
      message: 'there is no place to keep state: LOOPWRIGHT_HOME, XDG_STATE_HOME and HOME are all unset',
      next: 'Set LOOPWRIGHT_HOME to a directory outside your repositories.',
    });
  }
  return join(absolute('HOME', home), '.local', 'state', 'loopwright');
}

function absolute(name: string, value: string): string {
  if (isAbsolute(value)) return value;
  throw new LoopwrightError('LW_USAGE', {
    message: `${name} is "${value}", which is not an absolute path`,
    next: `Set ${name} to an absolute path.`,
  });
}
