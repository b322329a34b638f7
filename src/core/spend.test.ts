/** What model calls, quotas and raised limits do to a run, and money as whole numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALL, QUOTA } from '../../test/fixtures/model-events.ts';
import { EVENTS } from '../../test/fixtures/runs.ts';
import { change, file, HAPPY, openLog, play, started } from '../../test/fixtures/world.ts';
import type { World } from '../../test/fixtures/world.ts';
import { decide } from './decide.ts';
import { isLoopwrightError } from './errors.ts';
import type { RunEvent } from './event.ts';
import { evolve, foldRun } from './evolve.ts';
import { canReopen } from './fold-spend.ts';
import { consumptionBreaches, limitWords, tokensOf } from './limit.ts';
import { NO_TOKENS, nanoUsd, totalTokens, usdOf } from './spend.ts';
import { fullIterations, statusOf, waitsForQuota } from './state.ts';
import type { RunState } from './state.ts';

/** The state after one more event, at an instant of its own. */
function after(state: RunState, event: RunEvent, at: number = state.lastAt + 1): RunState {
  const { runId, epoch, lastSeq, activeMs } = state;
  return evolve(state, { ...event, runId, epoch, at, activeMs, seq: lastSeq + 1, v: 1 });
}

describe('money', () => {
  it('is whole nano-dollars, never less than it was, and back again', () => {
    expect(nanoUsd(0.08758500000000001)).toBe(87_585_000);
    expect(nanoUsd(0.0000000011)).toBe(2);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (micro) => {
        const usd = micro / 1e6;
        expect(nanoUsd(usd)).toBe(micro * 1_000);
      }),
    );
  });
});

describe('model calls', () => {
  it('add up, whatever became of them, and count against tokens and cost', () => {
    const state = foldRun(EVENTS.spent);
    const priced = EVENTS.spent.flatMap((event) =>
      event.type === 'model.called' || event.type === 'charge.recovered' ? [event.costNanoUsd] : [],
    );
    expect(state.usage.costNanoUsd).toBe(priced.reduce((sum, cost) => sum + cost, 0));
    expect(state.usage.modelCalls).toBe(3);
    expect(tokensOf(state.usage)).toBe(2 * totalTokens(CALL.usage) + 41_000);
    // What the agent claims stands beside it and is added to nothing.
    expect(state.claimedUsage).toEqual({ inputTokens: 52_000, outputTokens: 2_100, costNanoUsd: 90_000_000 });
    expect(totalTokens(NO_TOKENS)).toBe(0);
  });

  it('reach a limit with whole cents and with tokens of every class', () => {
    const { limits, usage } = foldRun(EVENTS.spent);
    const tight = { ...limits, costUsd: usdOf(usage.costNanoUsd), tokens: tokensOf(usage) };
    expect(consumptionBreaches(tight, usage, 1).map(({ limit }) => limit)).toEqual(['costUsd', 'tokens']);
    const roomy = { ...tight, costUsd: tight.costUsd + 1e-9, tokens: tight.tokens + 1 };
    expect(consumptionBreaches(roomy, usage, 1)).toEqual([]);
  });

  it('that were refused are said with what one more may take, and whose ceiling it is', () => {
    expect(limitWords({ limit: 'costUsd', value: 4.97, ceiling: 5, refused: 0.21 })).toBe(
      'limit on cost: 4.97 USD of 5.00 USD, and one more model call may take 0.21 USD',
    );
    expect(limitWords({ limit: 'costUsd', value: 0, ceiling: 20, refused: 0.0042, scope: 'repository' })).toBe(
      'limit on cost of this repository today: 0.00 USD of 20.00 USD, and one more model call may take 0.0042 USD',
    );
  });
});

describe('a quota', () => {
  const waiting = foldRun(EVENTS.quota);

  it('makes the run wait, with nothing to do', () => {
    expect([statusOf(waiting), waitsForQuota(waiting), decide(waiting)]).toEqual(['waiting', true, [{ type: 'wait' }]]);
  });

  it('ends with time, or with a person, and not with a process that merely comes back', () => {
    const until = QUOTA.until ?? 0;
    const leg: RunEvent = { type: 'leg.started', pid: 1, host: 'h' };
    expect(after(waiting, leg, until - 1).quota).toEqual(QUOTA);
    expect(after(waiting, leg, until).quota).toBe(null);
    expect(after(waiting, { ...leg, by: 'ada' }, until - 1).quota).toBe(null);
    const unknown = { ...waiting, quota: { ...QUOTA, until: null } };
    expect(after(unknown, leg, until + 1e9).quota).not.toBe(null);
    expect(decide(after(waiting, leg, until)).map(({ type }) => type)).toEqual(['takeTurn']);
  });

  it('costs the agent no iteration, and no detector counts it', () => {
    expect(waiting.iterations).toHaveLength(1);
    expect(fullIterations(waiting)).toEqual([]);
  });

  it('makes no change acceptable that is not: what a cut turn left is judged like any other', () => {
    const stray = change(1, { files: [file('a.js', { inScope: false })] });
    const world: World = { ...HAPPY, turn: () => ({ end: { kind: 'quota', quota: QUOTA } }), change: () => stray };
    expect(play(openLog(started()), world)).toMatchObject({ stop: null, phase: 'ready' });
  });

  it('ends the run once the attempts are used up', () => {
    const spent = { ...waiting, quota: { ...QUOTA, exhausted: true } };
    expect(decide(spent)).toMatchObject([
      { type: 'record', events: [{ type: 'run.stopped', reason: 'quota-exhausted' }] },
    ]);
  });

  it('does not keep a change from being accepted that holds already', () => {
    const world: World = { ...HAPPY, turn: () => ({ end: { kind: 'quota', quota: QUOTA } }) };
    const state = play(openLog(started()), world);
    expect(state.stop?.reason).toBe('accepted');
  });

  it('leaves a stop that a person asked for its meaning', () => {
    const asked = after(waiting, { type: 'stop.requested', by: 'ada' });
    expect(decide(asked)).toMatchObject([{ type: 'record', events: [{ type: 'run.stopped', reason: 'interrupted' }] }]);
  });
});

describe('a raised limit', () => {
  const stopped = foldRun(EVENTS.spent);
  const raise: RunEvent = { type: 'limit.raised', limit: 'costUsd', ceiling: 9, by: 'ada' };

  it('opens a run again that a limit stopped, ready for its next turn and nothing else', () => {
    expect(canReopen(stopped)).toBe(true);
    const open = after(stopped, raise);
    expect(open).toMatchObject({ stop: null, phase: 'ready', limits: { costUsd: 9 }, policyHash: stopped.policyHash });
    expect(open.policy).toEqual(stopped.policy);
    expect(decide(open).map(({ type }) => type)).toEqual(['takeTurn']);
  });

  it('that is still reached stops it again at once', () => {
    const open = after(stopped, { ...raise, ceiling: 0.1 });
    expect(decide(open)).toMatchObject([
      { events: [{ type: 'limit.reached' }, { type: 'run.stopped', reason: 'limit-cost' }] },
    ]);
  });

  it.each(['accepted', 'landed', 'undone', 'broken', 'interrupted'] as const)('opens no run that is %s', (name) => {
    const state = foldRun(EVENTS[name]);
    expect(canReopen(state)).toBe(false);
    const refusal = ((): unknown => {
      try {
        return after(state, raise);
      } catch (error) {
        return error;
      }
    })();
    expect(isLoopwrightError(refusal, 'LW_LOG_CONTRADICTION')).toBe(true);
  });

  it('counts for the rest of a run that goes on', () => {
    const log = openLog(started());
    const state = after(log.state, { ...raise, limit: 'iterations', ceiling: 7 });
    expect(state.limits.iterations).toBe(7);
  });
});
