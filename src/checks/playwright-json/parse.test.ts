import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readPlaywright } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readPlaywright(bytesOf(text), 'file'));

const test = (status: string, projectName = ''): object => ({ status, projectName, results: [] });

function report(suites: readonly object[], more: object = {}): string {
  return JSON.stringify({ suites, errors: [], stats: {}, ...more });
}

describe('Playwright', () => {
  it('names a test by file, suites, title and project; flaky passed in the end', () => {
    const inner = {
      title: 'page',
      specs: [{ title: 'opens', tests: [test('flaky', 'chromium'), test('skipped', 'firefox')] }],
    };
    const text = report([{ title: 'a.spec.ts', suites: [inner], specs: [{ title: 'b', tests: [test('expected')] }] }]);
    expect(read(text)).toEqual({
      'a.spec.ts > b': 'passed',
      'a.spec.ts > page > opens > chromium': 'passed',
      'a.spec.ts > page > opens > firefox': 'skipped',
    });
  });

  it('shows the error of the last attempt', () => {
    const results = [{ error: { message: 'first' } }, { error: { message: 'second' } }];
    const text = report([{ title: 'a', specs: [{ title: 'b', tests: [{ status: 'unexpected', results }] }] }]);
    expect(firstMessage(readPlaywright(bytesOf(text), 'file'))).toBe('second');
  });

  it('counts an error outside of tests as failed', () => {
    expect(read(report([], { errors: [{ message: 'no config' }] }))).toEqual({ 'outside of tests': 'failed' });
  });

  it('doubts counts above what it shows', () => {
    expect(read(report([], { stats: { expected: 2 } }))['doubt']).toBe('the report declares 2 tests and shows 0');
  });

  it('refuses a status it does not know, and suites that nest without end', () => {
    const odd = report([{ title: 'a', specs: [{ title: 'b', tests: [test('great')] }] }]);
    expect(read(odd)).toEqual({ unreadable: 'has suites that cannot be understood' });
    const deep = `${'{"title":"a","suites":['.repeat(200)}${']}'.repeat(200)}`;
    expect(read(`{"stats":{},"suites":[${deep}]}`)).toEqual({ unreadable: 'has suites that cannot be understood' });
    expect(read('{"suites":[]}')).toEqual({ unreadable: 'is JSON, but not a Playwright report' });
  });
});
