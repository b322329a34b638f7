/** Who can end what holds runs, over the store in memory: whoever says so while it is held, and in words that name them. */
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../store/memory/index.ts';
import type { Lease, RunStore } from '../ports/store.ts';
import { whileHeld } from './hold-run.ts';
import type { Recorder } from './recorder.ts';

interface Held {
  readonly store: RunStore;
  readonly hold: <T>(act: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

async function held(): Promise<Held> {
  let now = 1_000_000;
  const store = createMemoryStore({ now: () => now });
  const lease: Lease = await store.create('run1', '/repo', 'this process', 60_000);
  const clock = {
    now: () => (now += 1),
    monotonicMs: () => now,
    // Each beat is a turn of the loop away.
    sleep: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
  };
  const recorder = { lease } as Recorder;
  return { store, hold: (act) => whileHeld({ store, clock }, [recorder], act) };
}

/** As git and `fetch` reject when their signal ends them: with words that name nobody. */
function untilEnded(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new DOMException('The operation was aborted', 'AbortError'));
    signal.addEventListener('abort', end, { once: true });
  });
}

const STOP = { kind: 'stop', by: 'ann' } as const;

describe('a stop', () => {
  it('that was sent before the run was taken was meant for whoever had it then, and ends nothing here', async () => {
    const { store, hold } = await held();
    await store.signal('run1', STOP);
    let beats = 0;
    const ended = await hold(async (signal) => {
      for (; beats < 50; beats += 1) await new Promise((resolve) => setImmediate(resolve));
      return signal.aborted;
    });
    expect([beats, ended]).toEqual([50, false]);
  });

  it('that is sent meanwhile ends it, and says who did, also where what was ended only says that it was', async () => {
    const { store, hold } = await held();
    const ending = hold(async (signal) => {
      await store.signal('run1', STOP);
      return untilEnded(signal);
    });
    await expect(ending).rejects.toMatchObject({ code: 'LW_INTERRUPTED', message: 'ann ended it' });
  });

  it('hides no other failure of what is held', async () => {
    const { store, hold } = await held();
    const failing = hold(async (signal) => {
      await store.signal('run1', STOP);
      return untilEnded(signal).catch(() => Promise.reject(new TypeError('a defect')));
    });
    await expect(failing).rejects.toThrow('a defect');
  });
});
