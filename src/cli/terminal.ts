/** The process as the commands see it: two streams, a width, colours or none. Tests pass their own. */
import type { Writable } from 'node:stream';

export interface Terminal {
  /** Standard output: the result. */
  out(text: string): void;
  /** Standard error: words for a person. */
  err(text: string): void;
  /** Redraws one status line where standard error is a terminal; does nothing elsewhere. Empty text clears it. */
  status(text: string): void;
  readonly columns: number;
  /** Colours on standard error; standard output is coloured only when it is a terminal itself. */
  readonly errColours: boolean;
  readonly outColours: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

interface StreamLike extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

function wantsColours(stream: StreamLike, env: NodeJS.ProcessEnv): boolean {
  // https://no-color.org and https://force-color.org: NO_COLOR wins, FORCE_COLOR overrides the terminal test.
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

const CLEAR_LINE = '\r\u001B[2K';

export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  let statusShown = false;
  const clear = (): void => {
    if (statusShown) stderr.write(CLEAR_LINE);
    statusShown = false;
  };
  return {
    out(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    err(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    status(text) {
      if (!stderr.isTTY) return;
      clear();
      if (text === '') return;
      stderr.write(text.slice(0, Math.max(10, (stderr.columns ?? 80) - 1)));
      statusShown = true;
    },
    columns: stderr.columns ?? 100,
    errColours: wantsColours(stderr, env),
    outColours: wantsColours(stdout, env),
    env,
    cwd: process.cwd(),
  };
}
