import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../core/event.ts';
import type { Brake } from '../ports/gateway.ts';
import type { Talk } from './talk.ts';
import { waitOrRefuse } from './turned-away.ts';
import type { TurnedAway, Waited } from './turned-away.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

interface Scene {
  readonly talk: Talk;
  readonly slept: number[];
  readonly events: RunEvent[];
  readonly pulled: Brake[];
  readonly refused: string[];
}

/** As much of a talk as is asked for; time passes when somebody sleeps. */
function sceneOf({ attempts = 0, gone = new AbortController().signal } = {}): Scene {
  const slept: number[] = [];
  const events: RunEvent[] = [];
  const pulled: Brake[] = [];
  const refused: string[] = [];
  const passed = (): number => slept.reduce((sum, ms) => sum + ms, 0);
  const talk = {
    context: {
      clock: {
        now: () => NOW + passed(),
        monotonicMs: passed,
        sleep: (ms: number) => Promise.resolve(void slept.push(ms)),
      },
      request: {
        now: () => ({ quotaAttempts: attempts + events.length }),
        models: { quotaAttempts: 10 },
        record: (added: readonly RunEvent[]) => Promise.resolve(void events.push(...added)),
      },
    },
    call: { iteration: 1, open: { provider: { name: 'acme' } } },
    turn: { pull: (brake: Brake) => void pulled.push(brake), activity: () => undefined },
    gone,
    refuse: ({ message }: { readonly message: string }) => Promise.resolve(void refused.push(message)),
  };
  return { talk: talk as unknown as Talk, slept, events, pulled, refused };
}

function awayOf(headers: TurnedAway['headers'] = {}, body = ''): TurnedAway {
  return { status: 429, headers, body: Buffer.from(body) };
}

const FIRST: Waited = { ms: 0, times: 0 };

describe('a call that was turned away', () => {
  it('waits as long as the vendor says, where that is within patience', async () => {
    const { talk, slept, refused } = sceneOf();
    expect(await waitOrRefuse(talk, awayOf({ 'retry-after': '30' }), FIRST)).toEqual({ ms: 30_000, times: 1 });
    expect([slept, refused]).toEqual([[30_000], []]);
  });

  it('waits twice as long each time where the vendor says nothing, 45 seconds in all', async () => {
    const { talk, slept, pulled, refused } = sceneOf();
    let waited: Waited | null = FIRST;
    while (waited !== null) waited = await waitOrRefuse(talk, awayOf(), waited);
    expect(slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    // Nobody said until when, so somebody looks again in five minutes.
    const until = NOW + 31_000 + 300_000;
    expect(pulled).toEqual([{ kind: 'quota', quota: { provider: 'acme', until, exhausted: false } }]);
    expect(refused).toEqual([
      `acme turns calls away (until ${new Date(until).toISOString()}); the run waits, so do not try again`,
    ]);
  });

  it.each([
    ['longer than patience', awayOf({ 'retry-after': '46' }), 0, { until: NOW + 46_000, exhausted: false }],
    ['until somebody pays', awayOf({ 'retry-after': '1' }, 'insufficient_quota'), 0, { until: null, exhausted: false }],
    ['once too often', awayOf({ 'retry-after': '1' }), 9, { until: NOW + 1_000, exhausted: true }],
  ])('ends the turn where that is %s', async (_why, away, attempts, quota) => {
    const { talk, slept, pulled, refused, events } = sceneOf({ attempts });
    expect(await waitOrRefuse(talk, away, FIRST)).toBe(null);
    expect(slept).toEqual([]);
    expect(pulled).toEqual([{ kind: 'quota', quota: { provider: 'acme', ...quota } }]);
    expect(refused.length).toBe(1);
    expect(events).toMatchObject([{ type: 'quota.reached', status: 429, attempt: attempts + 1 }]);
  });

  it('is not sent again for a client that is gone', async () => {
    const { talk, pulled } = sceneOf({ gone: AbortSignal.abort() });
    expect(await waitOrRefuse(talk, awayOf({ 'retry-after': '1' }), FIRST)).toBe(null);
    expect(pulled).toEqual([]);
  });
});
