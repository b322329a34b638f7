/** The time in which requests pass: a turn or a check. What is under way ends with it. */
import type { Socket } from 'node:net';
import { createTally } from './tally.ts';
import type { Tally, TallyOptions } from './tally.ts';

export interface Window {
  readonly tally: Tally;
  readonly over: AbortSignal;
  /** Is destroyed when the window ends. */
  hold(socket: Pick<Socket, 'destroy' | 'once'>): void;
  /** Work that the end of the window waits for; a failure of it is the failure of the window. */
  follow(work: Promise<void>): void;
  /** Rejects as the log does. */
  end(): Promise<void>;
}

export function createWindow(options: TallyOptions): Window {
  const tally = createTally(options);
  const ended = new AbortController();
  const held = new Set<Pick<Socket, 'destroy' | 'once'>>();
  const working = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | null = null;
  return {
    tally,
    over: ended.signal,
    hold(socket) {
      if (held.has(socket)) return;
      if (ended.signal.aborted) {
        socket.destroy();
        return;
      }
      held.add(socket);
      socket.once('close', () => held.delete(socket));
    },
    follow(work) {
      const done = work
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => working.delete(done));
      working.add(done);
    },
    async end() {
      ended.abort();
      for (const socket of held) socket.destroy();
      while (working.size > 0) await Promise.all(working);
      await tally.settle();
      if (failure !== null) throw failure.error;
    },
  };
}
