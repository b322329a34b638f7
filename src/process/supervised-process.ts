/** A running process as its caller holds it: whoever starts one may set its listener a moment later. */
import type { FinishedProcess, SupervisedProcess } from '../ports/sandbox.ts';

/** What a start has to tell of the process while it runs. */
export interface Heard {
  readonly onOutput: Parameters<SupervisedProcess['onOutput']>[0];
  /** Called once the process runs; what it is given counts as a sign of life. */
  readonly onWatch: (sawLife: () => void) => void;
}

export function supervisedProcess(start: (heard: Heard) => Promise<FinishedProcess>): SupervisedProcess {
  let listener: Heard['onOutput'] = () => undefined;
  let sawLife = (): void => undefined;
  const finished = start({
    onOutput: (stream, bytes) => listener(stream, bytes),
    onWatch: (watched) => {
      sawLife = watched;
    },
  });
  // Whoever awaits `finished` meets the rejection, perhaps later than the event loop would wait for a handler.
  finished.catch(() => undefined);
  return {
    onOutput: (next) => {
      listener = next;
    },
    sawLife: () => sawLife(),
    finished,
  };
}
