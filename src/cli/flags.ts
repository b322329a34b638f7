/** Values of command-line flags. */
import { LoopwrightError } from '../core/errors.ts';
import { parseDuration } from '../policy/quantities.ts';

/** Milliseconds. Throws `LW_USAGE`. */
export function parseDurationFlag(flag: string, text: string): number {
  const parsed = parseDuration(text);
  if (parsed.ok) return parsed.value;
  throw new LoopwrightError('LW_USAGE', {
    message: `${flag}: ${parsed.problem}`,
    next: `Give ${flag} a duration such as 30s, 10m or 7d.`,
  });
}

/** For options that may be given several times. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
