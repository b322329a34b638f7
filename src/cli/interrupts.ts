/** Ctrl-C once stops cleanly with a checkpoint; twice ends everything at once, and the run can be resumed. */
import type { Terminal } from './terminal.ts';

export interface Interrupts {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  /** Gives the signals back to the process. */
  end(): void;
}

/** What is said at the first one, and at each after it. */
export interface InterruptWords {
  readonly stopping: string;
  readonly again: string;
}

const OF_A_RUN: InterruptWords = {
  stopping: 'Stopping: the turn ends, what it did is kept in a checkpoint. Ctrl-C again ends everything at once.',
  again: 'Killing everything now. The log is kept; `loopwright resume last` goes on from it.',
};

export function catchInterrupts(terminal: Pick<Terminal, 'err'>, words: InterruptWords = OF_A_RUN): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) {
      terminal.err(words.again);
      kill.abort();
      return;
    }
    terminal.err(words.stopping);
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    end() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
