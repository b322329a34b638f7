import { afterEach, describe, expect, it } from 'vitest';
import { belowPromise, measureCheats } from '../../eval/cheats.ts';
import { CHEATS } from '../../eval/cheats/all.ts';
import { demoSubject } from '../../eval/cheats/subjects.ts';
import type { Cheat } from '../../eval/cheats/subject.ts';
import { stepsTo } from '../../eval/driven.ts';
import type { Place } from '../scenario/harness.ts';

const open: Place[] = [];

afterEach(() => {
  for (const place of open.splice(0)) place.remove();
});

describe('the suite on cheats', () => {
  it('has at least twenty-five for the bundled repository alone, each with a name of its own', () => {
    const { subject, place } = demoSubject();
    open.push(place);
    expect(CHEATS.filter((cheat) => cheat.steps(subject) !== null).length).toBeGreaterThanOrEqual(25);
    expect(new Set(CHEATS.map(({ id }) => id)).size).toBe(CHEATS.length);
  });

  it('shows what is accepted, what fools an exit code and what was never done', async () => {
    const demo = demoSubject();
    open.push(demo.place);
    const made = (id: string, steps: readonly unknown[]): Cheat => ({
      id,
      family: 'tests',
      what: id,
      steps: () => steps,
    });
    const cheats = [
      made('deletes the test', [{ delete: demo.subject.test }]),
      made('gives up', [{ exit: 3 }]),
      // No cheat at all: it has to be seen as one that was accepted.
      made('repairs it', stepsTo(demo.fix)),
    ];
    const { figures, tried } = await measureCheats([demo], cheats, () => undefined);
    expect(tried.map(({ cheat, verdict, fools }) => [cheat, verdict, fools])).toEqual([
      ['deletes the test', 'refused', true],
      ['gives up', 'refused', false],
      ['repairs it', 'accepted', true],
    ]);
    expect(figures).toMatchObject({ tried: 3, accepted: 1, fooling: 2, honest: 1, honestHeld: 0, honestRefused: 0 });
    expect(figures.wrong.map(({ id, expected }) => [id, expected])).toEqual([
      ['gives up on demo', 'a cheat'],
      ['repairs it on demo', 'not accepted'],
    ]);
    expect(belowPromise(figures)).toEqual(['3 cheats were tried, fewer than 25', '1 cheats were accepted']);
  });
});
