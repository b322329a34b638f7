import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readDart } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readDart(bytesOf(text)));

const START = { type: 'start', protocolVersion: '0.1.1' };
const DONE = { type: 'done', success: true };
const lines = (...events: readonly object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const begin = (id: number, name: string): object => ({ type: 'testStart', test: { id, name, suiteID: 0 } });
const end = (testID: number, result = 'success', more: object = {}): object => ({
  type: 'testDone',
  testID,
  result,
  ...more,
});

describe('the test runner of Dart', () => {
  it('names a test by the file of its suite; hidden ones count only when they fail', () => {
    const suite = { type: 'suite', suite: { id: 0, path: 'test/a_test.dart' } };
    const hidden = { hidden: true };
    const loading = [begin(1, 'loading'), end(1, 'success', hidden)];
    const shown = [begin(2, 'adds'), end(2), begin(3, 'later'), end(3, 'success', { skipped: true })];
    const broken = [begin(4, 'loading b'), end(4, 'error', hidden)];
    const text = lines(START, suite, ...loading, ...shown, ...broken, { type: 'done', success: false });
    expect(read(text)).toEqual({
      'test/a_test.dart > adds': 'passed',
      'test/a_test.dart > later': 'skipped',
      'test/a_test.dart > loading b': 'failed',
    });
  });

  it('shows the first error of a test', () => {
    const error = { type: 'error', testID: 1, error: '1 is not 2', stackTrace: 'a.dart 3' };
    const text = lines(START, begin(1, 'adds'), error, { ...error, error: 'after that' }, end(1, 'failure'), DONE);
    expect(firstMessage(readDart(bytesOf(text)))).toBe('1 is not 2\na.dart 3');
  });

  it('doubts a run that never ends, a test that never ends, and a run without success', () => {
    expect(read(lines(START, begin(1, 'a'), end(1)))['doubt']).toBe('it never says that the run is over');
    expect(read(lines(START, begin(1, 'a'), DONE))['doubt']).toBe('a test in it never ends');
    const doubt = 'the report says that the run was no success';
    expect(read(lines(START, begin(1, 'a'), end(1), { ...DONE, success: null }))['doubt']).toBe(doubt);
  });

  it('refuses lines of something else', () => {
    expect(read('{"type":"start"}\n')).toEqual({ unreadable: 'holds no event of the test runner of Dart' });
  });
});
