import { describe, expect, it } from 'vitest';
import { workSince } from './at-work.ts';

describe('a tree at work', () => {
  it('takes a tenth of a core, or is ready to run at every look', () => {
    const atWork = workSince(0);
    const looks = [
      [100, false, true],
      [199, false, false],
      [199, true, false],
      [209, true, false],
      [219, true, true],
      [219, false, false],
      [219, true, false],
      [219, true, false],
      [219, false, false],
    ] as const;
    const seen = looks.map(([cpuMs, runnable], index) => atWork({ cpuMs, runnable }, 1_000 * (index + 1)));
    expect(seen).toEqual(looks.map(([, , busy]) => busy));
  });
});
