/** The outermost layer: the only one that prints errors and chooses exit codes. */
import { LoopwrightError, isLoopwrightError } from '../core/errors.ts';
import { exitCodeOfError } from '../core/stop-reason.ts';
import { processTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** What happened, then the next action; or one JSON object when the caller reads machines' words. */
async function printError(terminal: Terminal, error: LoopwrightError, json: boolean): Promise<void> {
  // Errors quote git, file names and output: a terminal must not obey what an agent wrote into them.
  const { visibleBlock } = await import('../report/escape.ts');
  if (json) {
    const { code, message, next, details } = error;
    terminal.out(JSON.stringify({ error: { code, message, next, details } }));
  }
  terminal.err(visibleBlock(`loopwright: ${error.message} [${error.code}]`));
  terminal.err(visibleBlock(`Next: ${error.next}`));
}

function defect(error: unknown): LoopwrightError {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new LoopwrightError('LW_INTERNAL', {
    message: `a defect of loopwright: ${message}`,
    next: 'Please report it. The record of the run is kept; `loopwright list` shows it.',
    cause: error,
  });
}

/**
 * A reader that went away is not an error of ours: `loopwright log RUN | head` has what it wants. A run goes on without
 * anybody looking; it is known by its catching signals, and its record is the log. EIO is a terminal that was closed.
 */
function outliveReaders(process: NodeJS.Process): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      if (stream === process.stdout && process.listenerCount('SIGINT') === 0) process.exit(0);
    });
  }
}

/** Runs one command and sets the exit code of the process. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal(process);
  outliveReaders(process);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    const { VERSION } = await import('./version.ts');
    terminal.out(VERSION);
    return;
  }
  try {
    const { runProgram } = await import('./program.ts');
    process.exitCode = await runProgram(argv, terminal);
  } catch (error) {
    const known = isLoopwrightError(error) ? error : defect(error);
    await printError(terminal, known, argv.includes('--json'));
    process.exitCode = exitCodeOfError(known.code);
  }
}
