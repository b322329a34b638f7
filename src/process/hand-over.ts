/**
 * Runs one command of the host with a text on its standard input. No shell, no terminal, a deadline, bounded output. What it
 * starts in its own process group ends with it where it takes too long or says too much.
 */
import { spawn } from 'node:child_process';
import { killHard } from './process-tree.ts';

export interface HandOverBounds {
  readonly deadlineMs: number;
  /** Of standard output and error together. */
  readonly outputBytes: number;
}

export interface HandedOver {
  /** null: it ended with 0. */
  readonly problem: string | null;
  /** The beginning of what it said on standard error; as it is, so made harmless by who shows it. */
  readonly said: string;
}

function endWords(code: number | null, signal: string | null): string | null {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? null : `it ended with code ${code}`;
}

/** Characters of standard error that are kept. */
const MAX_SAID = 500;

/** `cwd` is the root: the directory we were started in may be a repository. Never rejects. */
export function handOver(
  argv: readonly [string, ...string[]],
  input: string,
  env: Readonly<Record<string, string | undefined>>,
  bounds: HandOverBounds,
): Promise<HandedOver> {
  const [program, ...rest] = argv;
  const child = spawn(program, rest, { cwd: '/', env: { ...env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  return new Promise((resolve) => {
    let said = '';
    let bytes = 0;
    const settle = (problem: string | null): void => {
      clearTimeout(deadline);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve({ problem, said });
    };
    const end = (problem: string): void => {
      // The whole process group, which `detached` made. What of it became somebody else, as with sudo, goes on without us.
      if (child.pid !== undefined) killHard(-child.pid);
      child.unref();
      settle(problem);
    };
    const deadline = setTimeout(
      () => end(`it, or something it started, was not done within ${bounds.deadlineMs / 1_000} s`),
      bounds.deadlineMs,
    );
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bounds.outputBytes) end(`it printed more than ${bounds.outputBytes} bytes`);
    };
    child.stdout.on('data', count);
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < MAX_SAID) said = `${said}${chunk.toString('utf8')}`.slice(0, MAX_SAID);
      count(chunk);
    });
    child.once('error', (error: NodeJS.ErrnoException) => settle(`it cannot be started (${error.code ?? 'unknown'})`));
    child.once('close', (code, signal) => settle(endWords(code, signal)));
    // Who does not read what it is told may still be content.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
