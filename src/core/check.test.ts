import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTests } from './check.ts';
import type { TestOutcome, TestStatus } from './check.ts';

const outcomes = (statuses: Readonly<Record<string, TestStatus>>): TestOutcome[] =>
  Object.entries(statuses).map(([id, status]) => ({ id, status }));

const moved = (
  base: Readonly<Record<string, TestStatus>>,
  now: Readonly<Record<string, TestStatus>>,
): ReturnType<typeof compareTests> => compareTests(outcomes(base), outcomes(now));

const NOTHING = { newlyFailing: [], fixed: [], missing: [], newlySkipped: [] };

describe('tests against the base', () => {
  it.each([
    ['passed', 'passed', {}],
    ['passed', 'failed', { newlyFailing: ['t'] }],
    ['passed', 'skipped', { newlySkipped: ['t'] }],
    ['failed', 'passed', { fixed: ['t'] }],
    ['failed', 'failed', {}],
    ['failed', 'skipped', { newlySkipped: ['t'] }],
    ['skipped', 'passed', {}],
    ['skipped', 'failed', { newlyFailing: ['t'] }],
    ['skipped', 'skipped', {}],
  ] as const)('%s then %s', (before, after, expected) => {
    expect(moved({ t: before }, { t: after })).toEqual({ ...NOTHING, ...expected });
  });

  it('misses a test that ran on the base and is gone, and not one that was skipped there', () => {
    expect(moved({ a: 'passed', b: 'failed', c: 'skipped' }, {})).toEqual({ ...NOTHING, missing: ['a', 'b'] });
  });

  it('blames the change for a new test that fails, and not for one that passes', () => {
    expect(moved({}, { a: 'failed', b: 'passed' })).toEqual({ ...NOTHING, newlyFailing: ['a'] });
  });

  it('moves nothing where the base has no identities', () => {
    expect(compareTests(null, outcomes({ a: 'failed' }))).toEqual(NOTHING);
  });

  it('sees a rename as one missing and one new test', () => {
    expect(moved({ old: 'passed' }, { new: 'passed' })).toEqual({ ...NOTHING, missing: ['old'] });
  });

  it('finds nothing between equal executions, whatever their order', () => {
    const suites = fc.dictionary(fc.string(), fc.constantFrom<TestStatus>('passed', 'failed', 'skipped'));
    fc.assert(
      fc.property(suites, (suite) => {
        expect(compareTests(outcomes(suite), outcomes(suite).toReversed())).toEqual(NOTHING);
      }),
    );
  });
});
