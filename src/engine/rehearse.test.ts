import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../core/check.ts';
import type { UndoRehearsal } from '../core/undo-plan.ts';
import { HAPPY, openLog, play, result } from '../../test/fixtures/world.ts';
import { checkReverted } from './rehearse.ts';

const OTHER: UndoRehearsal = { worked: false, tree: 'tree-other', evidence: 'another tree', commit: 'c'.repeat(40) };

/** What becomes of a rehearsal when the one check says this of the reverted tree, and how often it was asked. */
async function judged(
  rehearsal: UndoRehearsal,
  said: CheckResult,
): Promise<UndoRehearsal & { readonly asked: number }> {
  const log = openLog();
  play(log, HAPPY);
  let asked = 0;
  const check = (): Promise<CheckResult> => {
    asked += 1;
    return Promise.resolve(said);
  };
  return { ...(await checkReverted({ rehearsal, state: log.state, check })), asked };
}

describe('a rehearsal', () => {
  it('that gave the tree of the base runs no check again', async () => {
    const equal = { worked: true, tree: 'tree-base', evidence: 'equal' };
    expect(await judged(equal, result('success'))).toEqual({ ...equal, asked: 0 });
  });

  it('that gave another tree works when every check says what it said of the base', async () => {
    expect(await judged(OTHER, result('failure'))).toMatchObject({
      worked: true,
      asked: 1,
      evidence: "another tree; the base's checks ran on it again: 1 said the same as on the base",
    });
  });

  it.each<[string, CheckResult]>([
    ['another conclusion', result('success')],
    ['a test that newly fails', result('failure', { newlyFailing: ['x'] })],
    ['a test that is missing', result('failure', { missing: ['x'] })],
  ])('that gave another tree does not work with %s', async (_what, said) => {
    const after = await judged(OTHER, said);
    expect(after.worked).toBe(false);
    expect(after.evidence).toContain('on the base: 1 of 3 tests failed');
  });

  it('that did not come to a tree stays as it is', async () => {
    const failed = { worked: false, tree: '', evidence: 'it does not apply' };
    expect(await judged(failed, result('failure'))).toEqual({ ...failed, asked: 0 });
  });
});
