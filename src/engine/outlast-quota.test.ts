import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../test/fixtures/runs.ts';
import { foldRun } from '../core/evolve.ts';
import type { RunState } from '../core/state.ts';
import type { Clock } from '../ports/clock.ts';
import { outlastQuota } from './outlast-quota.ts';

const WAITING: RunState = foldRun(EVENTS.quota);
const UNTIL = WAITING.quota?.until ?? 0;
const OVER: RunState = foldRun(EVENTS.accepted);

/** A clock that is put on by sleeping, and remembers for how long. */
function sleeper(now: number): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let at = now;
  return {
    slept,
    now: () => at,
    monotonicMs: () => at,
    sleep: async (ms) => {
      slept.push(ms);
      at += ms;
    },
  };
}

describe('waiting for a quota', () => {
  it('sleeps until the vendor said, in short sleeps, and then goes on once', async () => {
    const clock = sleeper(UNTIL - 70_000);
    let resumed = 0;
    const ended = new AbortController().signal;
    const after = await outlastQuota(WAITING, { clock, ended, resume: async () => ((resumed += 1), OVER) });
    expect([after, resumed, clock.slept]).toEqual([OVER, 1, [30_000, 30_000, 10_000]]);
  });

  it('waits again where the vendor turns calls away once more', async () => {
    const clock = sleeper(UNTIL);
    const later: RunState = { ...WAITING, quota: { provider: 'anthropic', until: UNTIL + 5_000, exhausted: false } };
    const answers = [later, OVER];
    const ended = new AbortController().signal;
    const after = await outlastQuota(WAITING, { clock, ended, resume: async () => answers.shift() ?? OVER });
    expect([after, clock.slept]).toEqual([OVER, [5_000]]);
  });

  it('does not wait for what nobody knows the end of, nor for a person, nor once it is told to stop', async () => {
    const clock = sleeper(UNTIL - 70_000);
    const never = async (): Promise<RunState> => {
      throw new Error('nobody should go on');
    };
    const ended = new AbortController().signal;
    const unknown: RunState = { ...WAITING, quota: { provider: 'anthropic', until: null, exhausted: false } };
    expect(await outlastQuota(unknown, { clock, ended, resume: never })).toBe(unknown);
    const person = foldRun(EVENTS.waiting);
    expect(await outlastQuota(person, { clock, ended, resume: never })).toBe(person);
    expect(await outlastQuota(WAITING, { clock, ended: AbortSignal.abort(), resume: never })).toBe(WAITING);
    expect(clock.slept).toEqual([]);
  });
});
