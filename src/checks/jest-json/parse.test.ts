import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readJest } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readJest(bytesOf(text), 'file'));

interface Told {
  readonly success?: boolean;
  readonly numFailedTests?: number;
  readonly numTotalTests?: number;
  readonly wasInterrupted?: boolean;
}

function report(tests: readonly object[], told: Told = {}, suite: object = {}): string {
  const testResults = [{ name: '/w/a.test.ts', status: 'passed', assertionResults: tests, ...suite }];
  return JSON.stringify({ success: true, numTotalTests: tests.length, testResults, ...told });
}

const PASSED = { ancestorTitles: ['sums'], title: 'adds', status: 'passed' };

describe('Jest and Vitest', () => {
  it('name a test by the file and its titles; what did not run is skipped', () => {
    const others = ['pending', 'todo', 'disabled', 'skipped'].map((status) => ({ title: status, status }));
    expect(read(report([PASSED, ...others]))).toEqual({
      'a.test.ts > sums > adds': 'passed',
      'a.test.ts > pending': 'skipped',
      'a.test.ts > todo': 'skipped',
      'a.test.ts > disabled': 'skipped',
      'a.test.ts > skipped': 'skipped',
    });
  });

  it('count a file that failed without a failing test as one', () => {
    const suite = { status: 'failed', message: 'SyntaxError: x' };
    expect(read(report([], { success: false }, suite))).toEqual({ 'a.test.ts': 'failed' });
    expect(firstMessage(readJest(bytesOf(report([], {}, suite)), 'file'))).toBe('SyntaxError: x');
  });

  it.each<[Told, string]>([
    [{ success: false }, 'the report says that the run was no success'],
    [{ numFailedTests: 1 }, 'the report declares 1 failed and shows none'],
    [{ numTotalTests: 2 }, 'the report declares 2 tests and shows 1'],
    [{ wasInterrupted: true }, 'the run was interrupted'],
  ])('doubt a report that says %o', (told, doubt) => expect(read(report([PASSED], told))['doubt']).toBe(doubt));

  it.each(['[]', '{"numTotalTests":1}', '{"numTotalTests":1,"testResults":[{"name":"a"}]}'])('refuse %s', (text) =>
    expect(read(text)).toEqual({ unreadable: 'is JSON, but not a Jest report' }),
  );
});
