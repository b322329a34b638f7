/** How it is said that a key cannot be had. Never with the value, and never with a cause that might hold it. */
import { LoopwrightError } from '../../core/errors.ts';

/** `where`: the source in words, `the file /x`. */
export function keyUnavailable(where: string, problem: string, next: string): LoopwrightError {
  return new LoopwrightError('LW_KEY_UNAVAILABLE', {
    message: `the key cannot be had from ${where}: ${problem}`,
    next,
    details: { where },
  });
}
