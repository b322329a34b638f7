import { describe, expect, it } from 'vitest';
import { explainLimit, explainRisk } from './explain-setting.ts';
import { parsePolicy } from './parse.ts';
import { resolveWithOrigins, type ResolvedWithOrigins } from './resolve.ts';
import { examineRules } from './rule-examples.ts';

const FILE = parsePolicy(
  [
    'version: 1',
    'checks: { a: npm test }',
    'limits:',
    '  wall-time: 30m',
    '  daily-cost-usd: { class: 3 }',
    'risk:',
    '  - name: billing',
    '    paths: [src/billing/**]',
    '    reason: money moves here',
    '    approvals: 2',
    'commands:',
    '  allow:',
    '    - { rule: Bash(npm test), match: [npm test], not_match: [npm publish] }',
    '  deny:',
    '    - Bash(git push:*)',
    '',
  ].join('\n'),
  'loopwright.yaml',
);

const resolved = (className: string): ResolvedWithOrigins =>
  resolveWithOrigins({ file: FILE, className, flags: { agent: 'x' } });

describe('a limit is explained', () => {
  it('with its ceiling, where it is said, and the flag', () => {
    expect(explainLimit(resolved('fix'), 'wall-time')).toEqual({
      subject: 'wall-time',
      as: 'limit',
      class: 'fix',
      ceiling: '30m',
      preset: '1h',
      flag: '--max-time',
      origin: 'loopwright.yaml:4',
    });
    expect(explainLimit(resolved('format'), 'limits.changed-files')).toMatchObject({
      ceiling: '1,000',
      origin: 'class format',
    });
    expect(explainLimit(resolved('fix'), 'tokens')).toMatchObject({ origin: 'default' });
    expect(explainLimit(resolved('fix'), 'daily-cost-usd.class')).toMatchObject({ flag: null });
  });

  it('or refused with the nearest name', () => {
    expect(() => explainLimit(resolved('fix'), 'wal-time')).toThrow(/did you mean `wall-time`/);
  });
});

describe('a risk zone is explained', () => {
  it('with what it takes in and what it asks for', () => {
    expect(explainRisk(resolved('fix'), 'billing')).toEqual({
      subject: 'billing',
      as: 'risk',
      reason: 'money moves here',
      origin: 'loopwright.yaml:7',
      paths: ['src/billing/**'],
      readsDiff: false,
      owners: [],
      approvals: 2,
      from: null,
    });
    const { policy } = resolved('fix');
    for (const { name } of policy.risk) expect(explainRisk(resolved('fix'), name).subject).toBe(name);
    expect(() => explainRisk(resolved('fix'), 'biling')).toThrow(/did you mean `billing`/);
  });
});

describe('examples of rules', () => {
  it('are listed with what all rules together decide', () => {
    expect(examineRules(FILE)).toEqual([
      { list: 'deny', rule: 'Bash(git push:*)', origin: 'loopwright.yaml:15', examples: [] },
      {
        list: 'allow',
        rule: 'Bash(npm test)',
        origin: 'loopwright.yaml:13',
        examples: [
          { example: 'npm test', wanted: 'match', decision: 'allow' },
          { example: 'npm publish', wanted: 'not_match', decision: 'ask' },
        ],
      },
    ]);
  });
});
