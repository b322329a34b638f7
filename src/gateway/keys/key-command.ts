/**
 * A key that a command prints: a password manager, or what fetches a token of short life. No shell, no terminal, a
 * deadline, bounded output. What it says on standard error is not kept: it may hold the key.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { deliver } from '../../core/delivery.ts';
import { unreachable } from '../../core/errors.ts';
import { keyUnavailable } from './unavailable.ts';

export interface CommandBounds {
  readonly deadlineMs: number;
  readonly outputBytes: number;
}

type Ending =
  | { readonly kind: 'closed'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'output' }
  | { readonly kind: 'failed'; readonly code: string };

/** What was killed is gone sooner. Of a group, what became somebody else, as with sudo, is not killed with the rest, ms. */
const EXIT_MS = 5_000;

/** Resolves when the command is gone, or cannot be ended; what it started was killed at the same moment. */
async function killAll(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const over = child.exitCode !== null || child.signalCode !== null;
  // The whole process group, which `detached` made.
  const delivery = deliver((to, signal: NodeJS.Signals) => process.kill(to, signal), -child.pid, 'SIGKILL');
  if (delivery === 'sent' && !over) {
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, EXIT_MS);
      child.once('exit', () => {
        clearTimeout(late);
        resolve();
      });
    });
  }
  // What goes on without us keeps nobody waiting.
  child.unref();
}

function start(argv: readonly [string, ...string[]], env: Readonly<Record<string, string | undefined>>): ChildProcess {
  const [program, ...rest] = argv;
  return spawn(program, rest, {
    // Never the directory we were started in: that may be a repository, and PATH may hold `.`.
    cwd: '/',
    env: { ...env },
    // A session of its own: nothing can ask a person at our terminal.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function ended(child: ChildProcess, chunks: Uint8Array[], bounds: CommandBounds): Promise<Ending> {
  return new Promise((resolve) => {
    let length = 0;
    const deadline = setTimeout(() => resolve({ kind: 'deadline' }), bounds.deadlineMs);
    const settle = (ending: Ending): void => {
      clearTimeout(deadline);
      resolve(ending);
    };
    child.once('error', (error: NodeJS.ErrnoException) => settle({ kind: 'failed', code: error.code ?? 'unknown' }));
    child.once('close', (code, signal) => settle({ kind: 'closed', code, signal }));
    child.stdout?.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > bounds.outputBytes) settle({ kind: 'output' });
      else chunks.push(chunk);
    });
  });
}

function problemOf(ending: Ending, bounds: CommandBounds): string | null {
  switch (ending.kind) {
    case 'closed':
      if (ending.signal !== null) return `it was ended by ${ending.signal}`;
      return ending.code === 0 ? null : `it ended with code ${ending.code}`;
    case 'deadline':
      return `it, or something it started, was not done within ${bounds.deadlineMs / 1_000} s`;
    case 'output':
      return `it printed more than ${bounds.outputBytes} bytes`;
    case 'failed':
      return `it cannot be started (${ending.code})`;
  }
  return unreachable(ending, 'ending of a command');
}

/**
 * What the command printed. Rejects with `LW_KEY_UNAVAILABLE`; a command that took too long or printed too much is killed
 * with whatever it started.
 */
export async function runKeyCommand(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string | undefined>>,
  bounds: CommandBounds,
): Promise<Uint8Array> {
  const child = start(argv, env);
  const chunks: Uint8Array[] = [];
  const ending = await ended(child, chunks, bounds);
  // Once it is done its number may become another process's.
  if (ending.kind === 'deadline' || ending.kind === 'output') await killAll(child);
  child.stdout?.destroy();
  const problem = problemOf(ending, bounds);
  if (problem === null) return Buffer.concat(chunks);
  const next = 'Run the command yourself: it has to print the key alone, and may not ask anything.';
  throw keyUnavailable(`the command ${argv[0]}`, problem, next);
}
