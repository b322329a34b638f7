import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyTally, playLife, sequences, type Step } from '../../test/support/undo-sequences.ts';

it('six random lives of landings, undos, redos and work by hand end as they began, but for what the person did', async () => {
  const tally = emptyTally();
  await fc.assert(
    fc.asyncProperty(sequences({ min: 1, max: 3 }), (steps) => playLife(steps, tally)),
    { numRuns: 6, endOnFailure: true },
  );
  expect(tally.landed).toBeGreaterThanOrEqual(18);
  expect(tally.undone).toBeGreaterThanOrEqual(18);
  expect(tally.refused).toBeGreaterThanOrEqual(6);
});

const LANDINGS: readonly Step[] = [
  { kind: 'land', branch: 0, slot: 0, own: false },
  { kind: 'land', branch: 0, slot: 1, own: false },
];

it('a broken undo turns these lives red: one that forgets all but the first of several', async () => {
  const broken = playLife([...LANDINGS], emptyTally(), (results) => ({
    ...results,
    undo: async (requests) => {
      const answers = await results.undo(requests.slice(0, 1));
      return requests.map((_, at) => answers[at] ?? { mode: 'reverted', evidence: 'so it says', commit: null });
    },
  }));
  await expect(broken).rejects.toThrow('what the branches hold');
});
