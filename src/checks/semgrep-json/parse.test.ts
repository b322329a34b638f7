import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readSemgrep } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readSemgrep(bytesOf(text), 'file'));

function report(results: readonly object[], errors: readonly object[] = []): string {
  return JSON.stringify({ results, errors, paths: { scanned: ['a.py', 'b.py'] } });
}

const result = (severity: string, more: object = {}): object => {
  return { check_id: 'sql', path: 'a.py', start: { line: 3, col: 5 }, extra: { severity, message: 'no', ...more } };
};

describe('Semgrep', () => {
  it('reads results by their rule; what was examined are the scanned paths', () => {
    expect(read(report([result('ERROR'), result('HIGH'), result('WARNING'), result('INFO')]))).toEqual([
      'error a.py > sql: a.py:3:5: no',
      'error a.py > sql: a.py:3:5: no',
      'warning a.py > sql: a.py:3:5: no',
      'warning a.py > sql: a.py:3:5: no',
      'examined 2',
    ]);
  });

  it('leaves out what a comment silences', () => {
    expect(read(report([result('ERROR', { is_ignored: true })]))).toEqual(['examined 2']);
  });

  it('doubts a scan with an error of its own', () => {
    const text = report([], [{ level: 'error', message: 'cannot parse a.py' }]);
    expect(read(text)).toContain('doubt: the scan had an error: cannot parse a.py');
    expect(read(report([], [{ level: 'warn', message: 'x' }]))).toEqual(['examined 2']);
  });

  it.each(['{}', '[]', '{"results":[],"errors":[]}', '{"results":[{}],"errors":[],"paths":{}}'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a Semgrep report']),
  );
});
