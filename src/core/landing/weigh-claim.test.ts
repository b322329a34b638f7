import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../check.ts';
import type { Iteration } from '../state.ts';
import { weighClaim } from './weigh-claim.ts';

const result = (conclusion: CheckResult['conclusion'], counted = 3): CheckResult =>
  ({ checkId: 'unit', conclusion, counted, summary: `${counted} tests` }) as CheckResult;

type Kind = NonNullable<Iteration['verdict']>['kind'];

function iteration(verdict: Kind | null, checks: readonly CheckResult[], fileCount = 1): Iteration {
  const judged = verdict === null ? null : { kind: verdict, reasons: [] };
  return { number: 4, verdict: judged, checks, change: { fileCount } } as unknown as Iteration;
}

describe('what an agent says its turn came to', () => {
  it.each([
    ['done, and it is accepted', 'done', iteration('accept', [result('success')]), 'proven'],
    ['done, and a person decides', 'done', iteration('hold', [result('success')]), 'proven'],
    ['done, and a check is red', 'done', iteration('continue', [result('failure')]), 'contradicted'],
    ['done, and a check examined nothing', 'done', iteration('continue', [result('success', 0)]), 'contradicted'],
    ['done, and nothing was changed', 'done', iteration('continue', [], 0), 'contradicted'],
    ['done, and what kept it back was no check', 'done', iteration('stop', [result('success')]), 'unproven'],
    ['done, and nobody judged it', 'done', iteration(null, []), 'unproven'],
    ['blocked, and it is accepted', 'blocked', iteration('accept', [result('success')]), 'contradicted'],
    ['impossible, and it is red', 'impossible', iteration('continue', [result('failure')]), 'unproven'],
    ['something else', 'message', iteration('accept', [result('success')]), null],
  ] as const)('%s', (_what, kind, measured, proof) => {
    expect(weighClaim({ kind, text: 'x' }, measured)).toMatchObject({ iteration: 4, kind, text: 'x', proof });
  });

  it('is shown with what was seen', () => {
    const seen = (one: Iteration): string => weighClaim({ kind: 'done', text: '' }, one).seen;
    expect(seen(iteration('accept', [result('success')]))).toBe('unit: 3 tests');
    expect(seen(iteration('continue', [], 0))).toBe('nothing was changed');
    expect(seen(iteration(null, []))).toBe('no check ran on it');
  });
});
