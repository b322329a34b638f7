/** The promise in one test: whatever vendor and callers do, no bill passes its ceiling. `npm run bench -- overshoot` has more. */
import { describe, expect, it } from 'vitest';
import { checkedBefore, seeded, throughGateway } from '../../test/support/overshoot.ts';
import type { Ended } from '../../test/support/overshoot.ts';

const CALLERS = 64;
/** Milliseconds; ceilings are tried until they are over, but a dozen at least. */
const TIME_MS = 15_000;

describe('64 callers under one ceiling, half of them killed, over a vendor that is late and lies', () => {
  it('never bill more than the ceiling, also if the vendor writes on after they left', async () => {
    const random = seeded(20_261_125);
    const ended: (Ended & { readonly ceilingUsd: number })[] = [];
    const end = performance.now() + TIME_MS;
    for (let seed = 1; seed <= 12 || (seed <= 200 && performance.now() < end); seed += 1) {
      const ceilingUsd = (30 + random(400)) / 1_000;
      ended.push({ ceilingUsd, ...(await throughGateway({ ceilingUsd, callers: CALLERS, seed })) });
    }
    expect(ended.filter(({ ceilingUsd, worstUsd, chargedUsd }) => Math.max(worstUsd, chargedUsd) > ceilingUsd)).toEqual(
      [],
    );
    expect(
      ended.filter(({ billedUsd, worstUsd, chargedUsd }) => billedUsd > worstUsd || worstUsd > chargedUsd),
    ).toEqual([]);
    expect(ended.filter(({ openHolds }) => openHolds !== 0)).toEqual([]);
    // What was examined: many ceilings, many calls, many callers killed in the middle of one.
    const sum = (of: (one: Ended) => number): number => ended.reduce((total, one) => total + of(one), 0);
    expect(ended.length).toBeGreaterThan(10);
    expect(sum(({ calls }) => calls)).toBeGreaterThan(ended.length * 2);
    expect(sum(({ killed }) => killed)).toBeGreaterThan(ended.length * 10);
  });

  it('do bill more where the budget is looked at before and added to after', async () => {
    const { billedUsd } = await checkedBefore({ ceilingUsd: 0.1, callers: CALLERS, seed: 1 });
    expect(billedUsd).toBeGreaterThan(0.1);
  });
});
