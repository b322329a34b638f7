/** What is refused before anything of an undo is planned, in words. What an undo does is in `withdraw.test.ts` and `test/sim`. */
import { expect, it } from 'vitest';
import { foldRun } from '../core/evolve.ts';
import { EVENTS } from '../../test/fixtures/runs.ts';
import type { RunName } from '../../test/fixtures/runs.ts';
import { requireUndoable } from './undo.ts';

it.each<[RunName, string, string]>([
  ['underWay', 'only what has ended can be taken back', 'End it first: `loopwright stop'],
  ['waiting', 'its change waits for a person', 'Decide first, or end it: `loopwright reject'],
  ['broken', 'it made no change', 'There is nothing to take back.'],
])('a run that can not be taken back is told why and what to do: %s', (name, why, next) => {
  const undo = (): void => requireUndoable(foldRun(EVENTS[name]));
  expect(undo).toThrow(expect.objectContaining({ code: 'LW_RUN_STATE', next: expect.stringContaining(next) }));
  expect(undo).toThrow(why);
});
