/** Long random lives of landings, undos, redos and work by hand. `UNDO_LIVES` for more, `CHAOS_SEED` to repeat. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dieAndRepeat } from '../support/undo-deaths.ts';
import type { Moment } from '../support/undo-deaths.ts';
import { random } from './killer.ts';
import { emptyTally, playLife, sequences } from '../support/undo-sequences.ts';

const LIVES = Number(process.env['UNDO_LIVES'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(`${LIVES} random lives end as they began, but for what the person did (CHAOS_SEED=${SEED})`, async () => {
  const tally = emptyTally();
  await fc.assert(
    fc.asyncProperty(sequences({ min: 3, max: 9 }), (steps) => playLife(steps, tally)),
    { numRuns: LIVES, seed: SEED, endOnFailure: true },
  );
  console.log(JSON.stringify({ seed: SEED, lives: LIVES, ...tally }));
  // Lives in which nothing of a kind happened would show nothing about it.
  expect(Object.entries(tally).filter(([, times]) => times === 0)).toEqual([]);
});

it('a broken undo turns them red: one that says it worked and moves nothing', async () => {
  const broken = playLife([{ kind: 'land', branch: 0, slot: 0, own: false }], emptyTally(), (results) => ({
    ...results,
    undo: (requests) =>
      Promise.resolve(requests.map(() => ({ mode: 'reverted', evidence: 'so it says', commit: null }))),
  }));
  await expect(broken).rejects.toThrow('what the branches hold');
});

const DEATHS = Number(process.env['UNDO_DEATHS'] ?? 20);

it.each(['land', 'undo', 'redo'] as const)(
  `${DEATHS} deaths in the middle of %s leave the branches as before or as after (CHAOS_SEED=${SEED})`,
  async (command) => {
    const roll = random(SEED);
    const kinds = ['git-before', 'git-after', 'log-before', 'log-after'] as const;
    const moments = Array.from({ length: DEATHS }, (_, at): Moment => ({
      at: roll() * 0.9,
      by: kinds[at % kinds.length] ?? 'git-before',
    }));
    const deaths = await dieAndRepeat(command, moments);
    console.log(JSON.stringify({ seed: SEED, command, moments: moments.length, deaths }));
    expect(deaths).toBe(moments.length);
  },
);
