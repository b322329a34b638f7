import { describe, expect, it } from 'vitest';
import { result } from '../../test/fixtures/world.ts';
import { judgeBaseline } from './judge-baseline.ts';

describe('the verdict on the base', () => {
  it.each([
    ['must-fail', 'failure', 'continue'],
    ['must-fail', 'success', 'already-accepted'],
    ['may-pass', 'success', 'continue'],
    ['may-pass', 'failure', 'continue'],
    ['must-fail', 'inconclusive', 'environment-broken'],
    ['may-pass', 'timed_out', 'environment-broken'],
    ['may-pass', 'unrunnable', 'environment-broken'],
  ] as const)('under %s, %s gives %s', (rule, conclusion, expected) => {
    const verdict = judgeBaseline(rule, [result(conclusion)]);
    expect(verdict.kind === 'stop' ? verdict.stopReason : verdict.kind).toBe(expected);
  });

  it('is broken when any check is, however green the others are', () => {
    const verdict = judgeBaseline('must-fail', [result('failure'), result('unrunnable', { checkId: 'lint' })]);
    expect(verdict).toMatchObject({ stopReason: 'environment-broken', reasons: [expect.stringContaining('lint')] });
  });
});
