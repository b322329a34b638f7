/** Time that passes only when somebody waits: short waits are over at once, and the long ones when the short ones add up. */
import type { Clock } from '../../../src/ports/clock.ts';

/** What is longer is a limit, and not a wait between two requests; ms. */
const LONG_MS = 10 * 60_000;

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createVirtualClock(): Clock {
  let now = 0;
  const sleepers = new Set<Sleeper>();

  function pass(ms: number): void {
    now += ms;
    for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake();
  }

  return {
    now: () => now,
    monotonicMs: () => now,
    async sleep(ms, signal) {
      if (signal?.aborted === true) return;
      if (ms < LONG_MS) {
        pass(ms);
        // Others get their turn, so that a wait in a loop starves nobody.
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
        return;
      }
      await new Promise<void>((resolve) => {
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      });
    },
  };
}
