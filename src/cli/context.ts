/** What every command gets: the terminal, the composition root, and a way to set the exit code. */
import type { RecordedEvent } from '../core/event.ts';
import type { RunState } from '../core/state.ts';
import { statusOf, waitsForQuota } from '../core/state.ts';
import { EXIT_INTERRUPTED, EXIT_QUOTA, EXIT_WAITING, stopReasonEntry } from '../core/stop-reason.ts';
import type { EventListener } from '../engine/recorder.ts';
import { compose } from './compose.ts';
import type { Composition } from './compose.ts';
import { systemClock } from './system.ts';
import type { Terminal } from './terminal.ts';

export interface CliContext {
  readonly terminal: Terminal;
  /** What stood after `--` on the command line. */
  readonly afterDashes: readonly string[];
  composition(): Composition;
  setExitCode(code: number): void;
}

export interface OwnedContext extends CliContext {
  exitCode(): number;
  close(): Promise<void>;
}

export function createContext(terminal: Terminal, afterDashes: readonly string[] = []): OwnedContext {
  let composition: Composition | null = null;
  let code = 0;
  return {
    terminal,
    afterDashes,
    composition() {
      composition ??= compose(terminal.env);
      return composition;
    },
    setExitCode(next) {
      code = next;
    },
    exitCode: () => code,
    async close() {
      await composition?.close();
    },
  };
}

/** The exit code of a command that drove a run, by where it is now. One that is under way was cut off. */
export function exitCodeOfRun(state: RunState): number {
  if (state.stop !== null) return stopReasonEntry(state.stop.reason).exitCode;
  if (waitsForQuota(state)) return EXIT_QUOTA;
  return statusOf(state) === 'waiting' ? EXIT_WAITING : EXIT_INTERRUPTED;
}

export interface Narrator {
  readonly listener: EventListener;
  /** Ends the redrawn line. */
  end(): void;
}

/** How often the status line of a terminal is redrawn, milliseconds. */
const REDRAW_MS = 250;

/**
 * Tells a run while it happens: one JSON event per line on standard output, or words for a person on standard error.
 * `from` is the state before the first event that will be told.
 */
export async function createNarrator(
  terminal: Terminal,
  options: { readonly json: boolean; readonly verbose?: boolean; readonly from?: RunState },
): Promise<Narrator> {
  if (options.json) {
    return { listener: (event) => terminal.out(JSON.stringify(event)), end: () => undefined };
  }
  const { createProgress } = await import('./present/progress.ts');
  const { createPalette } = await import('./present/palette.ts');
  const progress = createProgress({
    palette: createPalette(terminal.errColours),
    columns: terminal.columns,
    verbose: options.verbose ?? false,
    ...(options.from === undefined ? {} : { from: options.from }),
  });
  const redraw = setInterval(() => {
    terminal.status(progress.tick({ now: systemClock.now() }) ?? '');
  }, REDRAW_MS);
  redraw.unref();
  return {
    listener(event: RecordedEvent) {
      for (const line of progress.onEvent(event)) terminal.err(line);
    },
    end() {
      clearInterval(redraw);
      terminal.status('');
    },
  };
}
