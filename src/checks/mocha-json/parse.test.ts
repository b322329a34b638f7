import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readMocha } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readMocha(bytesOf(text), 'file'));

const stats = (tests: number, failures = 0): object => ({ tests, passes: tests - failures, pending: 0, failures });

function report(lists: { passes?: object[]; failures?: object[]; pending?: object[] }, told: object): string {
  return JSON.stringify({ stats: told, tests: [], passes: [], failures: [], pending: [], ...lists });
}

describe('Mocha', () => {
  it('names a test by its file and full title', () => {
    const lists = {
      passes: [{ fullTitle: 'sums adds', file: '/w/test/sums.js' }],
      failures: [{ fullTitle: 'sums divides', file: '/w/test/sums.js', err: { stack: 'Error: by zero\n at x' } }],
      pending: [{ fullTitle: 'sums roots', file: '/w/test/sums.js' }],
    };
    const text = report(lists, stats(3, 1));
    expect(read(text)).toEqual({
      'sums.js > sums adds': 'passed',
      'sums.js > sums divides': 'failed',
      'sums.js > sums roots': 'skipped',
    });
    expect(firstMessage(readMocha(bytesOf(text), 'file'))).toBe('Error: by zero\n at x');
  });

  it('counts a hook that fails, which is no test', () => {
    const hook = { title: '"before all" hook', fullTitle: 'sums "before all" hook', err: { message: 'no server' } };
    expect(read(report({ failures: [hook] }, stats(0, 1)))).toEqual({ 'sums "before all" hook': 'failed' });
  });

  it('doubts counts that its lists do not bear out', () => {
    expect(read(report({ passes: [{ fullTitle: 'a' }] }, stats(2)))['doubt']).toBe(
      'the report declares 2 tests and shows 1',
    );
    expect(read(report({ passes: [{ fullTitle: 'a' }] }, stats(1, 1)))['doubt']).toBe(
      'the report declares 1 failed and shows none',
    );
  });

  it.each(['{}', '[]', '{"stats":{}}', '{"stats":{},"passes":[],"failures":[],"pending":[7]}'])('refuses %s', (text) =>
    expect(read(text)).toEqual({ unreadable: 'is JSON, but not a Mocha report' }),
  );
});
