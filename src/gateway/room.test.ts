import { describe, expect, it } from 'vitest';
import { systemLike } from '../../test/support/gateway-room.ts';
import { createRoom } from './room.ts';

const HERE = new AbortController().signal;

/** Time that never passes: only news and leaving end a wait. */
const STILL = {
  ...systemLike,
  sleep: (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
    }),
};

describe('waiting for room', () => {
  it('ends for everybody who waits when room came free, and not for who comes after', async () => {
    const room = createRoom(STILL);
    let woken = 0;
    const waiting = [1, 2, 3].map(() => room.changed(HERE).then(() => (woken += 1)));
    room.announce();
    await Promise.all(waiting);
    expect(woken).toBe(3);
    const later = room.changed(HERE).then(() => (woken += 1));
    await Promise.resolve();
    expect(woken).toBe(3);
    room.announce();
    await later;
  });

  it('ends when whoever waits is gone', async () => {
    const leaving = new AbortController();
    const waiting = createRoom(STILL).changed(leaving.signal);
    leaving.abort();
    await waiting;
    await createRoom(STILL).changed(leaving.signal);
  });

  it('ends after a quarter of a second, for room that others free', async () => {
    const slept: number[] = [];
    const clock = { ...systemLike, sleep: (ms: number) => Promise.resolve(void slept.push(ms)) };
    await createRoom(clock).changed(HERE);
    expect(slept).toEqual([250]);
  });
});
