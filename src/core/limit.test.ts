import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policy } from '../../test/fixtures/world.ts';
import { LIMIT_NAMES, NO_USAGE, consumptionBreaches, limitWords, sizeBreaches, turnBudget } from './limit.ts';
import type { Limits } from './limit.ts';
import { LIMIT_STOP_REASONS, STOP_REASONS } from './stop-reason.ts';

const { limits } = policy();
const UNLIMITED = Object.fromEntries(LIMIT_NAMES.map((name) => [name, 'unlimited'])) as Limits;

describe('limits', () => {
  it('are reached by consumption at the ceiling, and by size only beyond it', () => {
    expect(consumptionBreaches(limits, NO_USAGE, 5)).toEqual([{ limit: 'iterations', value: 5, ceiling: 5 }]);
    expect(sizeBreaches(limits, { ...NO_USAGE, changedFiles: 50 })).toEqual([]);
    expect(sizeBreaches(limits, { ...NO_USAGE, addedLines: 1_000, removedLines: 501 })).toEqual([
      { limit: 'changedLines', value: 1_501, ceiling: 1_500 },
    ]);
  });

  it('count input and output tokens together', () => {
    const usage = { ...NO_USAGE, inputTokens: 1_500_000, outputTokens: 500_000 };
    expect(consumptionBreaches(limits, usage, 0)).toMatchObject([{ limit: 'tokens', value: 2_000_000 }]);
  });

  it('never fire when they are unlimited, whatever was used', () => {
    const anything = fc.record(Object.fromEntries(Object.keys(NO_USAGE).map((key) => [key, fc.nat()])));
    fc.assert(
      fc.property(anything, fc.nat(), (usage, iterations) => {
        const used = { ...NO_USAGE, ...usage };
        expect([...consumptionBreaches(UNLIMITED, used, iterations), ...sizeBreaches(UNLIMITED, used)]).toEqual([]);
      }),
    );
  });

  it('leave a turn what the turns before it did not use, and never less than nothing', () => {
    expect(turnBudget(limits, { ...NO_USAGE, wallTimeMs: 3_000_000, outputBytes: 99_999_999 })).toEqual({
      wallTimeMs: 600_000,
      idleMs: 600_000,
      outputBytes: 0,
    });
  });

  it('each have a stop reason and words with a unit', () => {
    for (const limit of LIMIT_NAMES) {
      expect(STOP_REASONS[LIMIT_STOP_REASONS[limit]].exitCode).toBe(10);
      expect(limitWords({ limit, value: 2, ceiling: 1 })).toMatch(/^limit on .+: \S+.* of \S+/);
    }
    expect(limitWords({ limit: 'wallTimeMs', value: 4_120, ceiling: 4_000 })).toBe(
      'limit on wall time: 4.1 s of 4.0 s',
    );
  });
});
