import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readCtrf } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readCtrf(bytesOf(text), 'file'));

const report = (tests: readonly object[], summary: object = {}): string =>
  JSON.stringify({ results: { summary, tests } });

describe('CTRF', () => {
  it('names a test by file, suites and name, whichever way the suite is written', () => {
    const tests = [
      { filePath: '/w/src/a.test.ts', suite: ['sums', 'small'], name: 'adds', status: 'passed' },
      { suite: 'sums > large', name: 'adds', status: 'pending' },
      { name: 'adds', status: 'skipped' },
    ];
    expect(read(report(tests))).toEqual({
      'a.test.ts > sums > small > adds': 'passed',
      'sums > large > adds': 'skipped',
      adds: 'skipped',
    });
  });

  it('keeps message and trace of a failure', () => {
    const text = report([{ name: 'a', status: 'failed', message: '1 is not 2', trace: 'at a.ts:3' }]);
    expect(firstMessage(readCtrf(bytesOf(text), 'file'))).toBe('1 is not 2\nat a.ts:3');
  });

  it('doubts a status it does not know, and a summary that counts more than is shown', () => {
    expect(read(report([{ name: 'a', status: 'other' }]))['doubt']).toContain('neither passed, failed nor skipped');
    const passed = [{ name: 'a', status: 'passed' }];
    expect(read(report(passed, { tests: 2 }))['doubt']).toBe('the report declares 2 tests and shows 1');
    expect(read(report(passed, { tests: 1, failed: 1 }))['doubt']).toBe('the report declares 1 failed and shows none');
  });

  it.each(['[]', '{}', '{"results":{}}', '{"results":{"tests":[1]}}', '{"results":{"tests":[{"name":"a"}]}}'])(
    'refuses %s',
    (text) => expect(read(text)).toEqual({ unreadable: 'is JSON, but not a CTRF report' }),
  );
});
