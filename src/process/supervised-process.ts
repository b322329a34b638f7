/** A running process as its caller holds it: whoever starts one may set its listener a moment later. */
import type { FinishedProcess, SupervisedProcess } from '../ports/sandbox.ts';
import type { LiveProcess } from './supervise.ts';

/** What a start has to tell of the process while it runs. */
export interface Heard {
  readonly onOutput: Parameters<SupervisedProcess['onOutput']>[0];
  /** Called once the process runs. */
  readonly onWatch: (live: LiveProcess) => void;
}

export function supervisedProcess(start: (heard: Heard) => Promise<FinishedProcess>): SupervisedProcess {
  let listener: Heard['onOutput'] = () => undefined;
  let live: LiveProcess | null = null;
  // What is written before the process runs.
  const early: ((to: LiveProcess) => void)[] = [];
  const whenLive = (act: (to: LiveProcess) => void): void => {
    if (live === null) early.push(act);
    else act(live);
  };
  const finished = start({
    onOutput: (stream, bytes) => listener(stream, bytes),
    onWatch: (watched) => {
      live = watched;
      for (const act of early.splice(0)) act(watched);
    },
  });
  // Whoever awaits `finished` meets the rejection, perhaps later than the event loop would wait for a handler.
  finished.catch(() => undefined);
  return {
    onOutput: (next) => {
      listener = next;
    },
    sawLife: () => live?.sawLife(),
    write: (bytes) => whenLive(({ input }) => input?.write(bytes)),
    endInput: () => whenLive(({ input }) => input?.end()),
    finished,
  };
}
