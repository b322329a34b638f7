import { describe, expect, it } from 'vitest';
import { change, file, result } from '../../test/fixtures/world.ts';
import { judge } from './judge.ts';
import type { IterationEvidence } from './judge.ts';

const GREEN: IterationEvidence = {
  rule: 'must-fail',
  baseline: [result('failure')],
  checks: [result('success')],
  change: change(1),
  findings: [],
  sizeBreaches: [],
  consumptionBreaches: [],
  turnBreach: null,
  claims: [],
};

const ITERATIONS = { limit: 'iterations', value: 5, ceiling: 5 } as const;
const IDLE = { limit: 'idleMs', value: 600_000, ceiling: 600_000 } as const;
const FILES = { limit: 'changedFiles', value: 60, ceiling: 50 } as const;
const RED = { ...GREEN, checks: [result('failure')] };

describe('the verdict on an iteration', () => {
  it('is accept when every check is green, something changed and nothing objects', () => {
    expect(judge(GREEN)).toEqual({ kind: 'accept', reasons: ['test: 3 tests passed'] });
  });

  it.each(['failure', 'timed_out', 'inconclusive', 'unrunnable'] as const)(
    'goes on when a check is %s',
    (conclusion) => {
      expect(judge({ ...GREEN, checks: [result(conclusion)] }).kind).toBe('continue');
    },
  );

  it.each([
    ['a green check that counted nothing', { checks: [result('success', { counted: 0 })] }],
    ['a test that disappeared', { checks: [result('success', { missing: ['a'] })] }],
    ['a test that is skipped now', { checks: [result('success', { newlySkipped: ['a'] })] }],
    ['a test that fails now', { checks: [result('success', { newlyFailing: ['a'] })] }],
    ['no check at all', { checks: [] }],
    ['an empty change', { change: change(1, { files: [] }), checks: [] }],
    [
      'a finding that refuses',
      { findings: [{ detector: 'path-scope', severity: 'refuse', message: 'x', location: null } as const] },
    ],
  ])('never accepts %s', (_what, patch) => {
    expect(judge({ ...GREEN, ...patch }).kind).toBe('continue');
  });

  it('puts acceptance before limits on consumption', () => {
    expect(judge({ ...GREEN, consumptionBreaches: [ITERATIONS], turnBreach: IDLE }).kind).toBe('accept');
  });

  it('puts limits on size before acceptance', () => {
    expect(judge({ ...GREEN, sizeBreaches: [FILES] })).toMatchObject({
      kind: 'stop',
      stopReason: 'limit-changed-files',
    });
  });

  it('names the limit that ended the turn before the one that would end the run', () => {
    const verdict = judge({ ...RED, consumptionBreaches: [ITERATIONS], turnBreach: IDLE });
    expect(verdict).toMatchObject({ kind: 'stop', stopReason: 'limit-idle' });
  });

  it('holds a passing change in a risk zone, with the files', () => {
    const risky = change(1, { files: [file('infra/a.tf', { zones: ['infrastructure'] })] });
    expect(judge({ ...GREEN, change: risky })).toEqual({
      kind: 'hold',
      zones: ['infrastructure'],
      reasons: ['risk zone infrastructure: infra/a.tf'],
    });
  });

  it('does not hold what is not accepted anyway', () => {
    const risky = change(1, { files: [file('infra/a.tf', { zones: ['infrastructure'] })] });
    expect(judge({ ...RED, change: risky }).kind).toBe('continue');
  });

  it('stops for a protected edit even when everything is green, if the policy says stop', () => {
    const finding = {
      detector: 'protected-edit',
      severity: 'stop',
      message: 'a.test.js edited',
      location: null,
    } as const;
    expect(judge({ ...GREEN, findings: [finding] })).toMatchObject({ kind: 'stop', stopReason: 'protected-edit' });
  });

  it('accepts a spiral that got there in the end', () => {
    const finding = { detector: 'repeated-failure', severity: 'stop', message: 'again', location: null } as const;
    expect(judge({ ...GREEN, findings: [finding] }).kind).toBe('accept');
  });

  it('believes an agent that gives up far enough to stop, and no further', () => {
    const claims = [{ kind: 'impossible', text: 'no such file' }] as const;
    expect(judge({ ...RED, claims })).toMatchObject({ kind: 'stop', stopReason: 'agent-blocked' });
    expect(judge({ ...GREEN, claims }).kind).toBe('accept');
  });

  it('lets known-red tests stay red only where the class says so and the tests have names', () => {
    const red = result('failure');
    expect(judge({ ...RED, rule: 'may-pass', baseline: [red] }).kind).toBe('accept');
    expect(judge({ ...RED, rule: 'must-fail', baseline: [red] }).kind).toBe('continue');
    const mute = result('failure', { report: 'exit-code', tests: null });
    expect(judge({ ...GREEN, rule: 'may-pass', baseline: [mute], checks: [mute] }).kind).toBe('continue');
  });
});
