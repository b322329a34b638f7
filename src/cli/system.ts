/** The real clock and the real ids. */
import { setTimeout as after } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Clock, Ids } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    // An aborted wait is an early wake-up here, not a failure.
    await after(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

/** ULIDs in lower case: sorted by time, and safe in ref names on case-folding file systems. */
export const systemIds: Ids = { next: () => ulid().toLowerCase() };
