import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readGolangci } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readGolangci(bytesOf(text), 'file'));

const report = (issues: readonly object[] | null, told: object = {}): string =>
  JSON.stringify({ Issues: issues, Report: told });

describe('golangci-lint', () => {
  it('reads every issue as an error, whatever its severity', () => {
    const issue = { FromLinter: 'govet', Text: 'unreachable', Pos: { Filename: 'a.go', Line: 3, Column: 2 } };
    expect(read(report([issue, { ...issue, Severity: 'warning' }]))).toEqual([
      'error govet > a.go: a.go:3:2: unreachable',
      'error govet > a.go: a.go:3:2: unreachable',
      'examined unknown',
    ]);
  });

  it('counts the linters that ran as examined', () => {
    const Linters = [{ Name: 'govet', Enabled: true }, { Name: 'gosec' }, { Name: 'errcheck', Enabled: true }];
    expect(read(report(null, { Linters }))).toEqual(['examined 2']);
  });

  it('doubts a run that failed', () => {
    expect(read(report([], { Error: 'typecheck' }))).toContain('doubt: the program failed: typecheck');
  });

  it.each(['{}', '[]', '{"Issues":[1]}', '{"Issues":"none"}'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a golangci-lint report']),
  );
});
