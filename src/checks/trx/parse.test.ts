import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readTrx } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readTrx(bytesOf(text), 'file'));

const run = (results: string, more = ''): string => `<TestRun><Results>${results}</Results>${more}</TestRun>`;
const result = (outcome: string, name = 'A'): string =>
  `<UnitTestResult testId="id-${name}" testName="${name}" outcome="${outcome}"/>`;

describe('TRX', () => {
  it.each([
    ['Passed', 'passed'],
    ['Warning', 'passed'],
    ['Failed', 'failed'],
    ['Error', 'failed'],
    ['Timeout', 'failed'],
    ['PassedButRunAborted', 'failed'],
    ['NotExecuted', 'skipped'],
    ['Inconclusive', 'skipped'],
  ])('reads %s as %s', (outcome, status) => expect(read(run(result(outcome)))).toEqual({ A: status }));

  it.each(['Aborted', 'NotRunnable', 'InProgress', 'Disconnected', ''])('doubts a test that ended as "%s"', (outcome) =>
    expect(read(run(result(outcome)))).toEqual({ A: 'skipped', doubt: `"A" ended as "${outcome}"` }),
  );

  it('takes the class from the definition, unless the name begins with it', () => {
    const define = (id: string): string =>
      `<UnitTest id="id-${id}"><TestMethod className="Space.Sums, Assembly, Version=1.0"/></UnitTest>`;
    const names = ['Adds', 'Space.Sums.Divides'];
    const text = run(names.map((name) => result('Passed', name)).join(''), names.map(define).join(''));
    expect(read(text)).toEqual({ 'Space.Sums > Adds': 'passed', 'Space.Sums.Divides': 'passed' });
  });

  it('counts data rows and not the test that holds them', () => {
    const rows = `<InnerResults>${result('Passed', 'A (1)')}${result('Failed', 'A (2)')}</InnerResults>`;
    const outer = `<UnitTestResult testName="A" outcome="Failed">${rows}</UnitTestResult>`;
    expect(read(run(outer))).toEqual({ 'A (1)': 'passed', 'A (2)': 'failed' });
  });

  it('shows message and stack', () => {
    const output =
      '<Output><ErrorInfo><Message>1 is not 2</Message><StackTrace>at A.cs:3</StackTrace></ErrorInfo></Output>';
    const text = run(`<UnitTestResult testName="A" outcome="Failed">${output}</UnitTestResult>`);
    expect(firstMessage(readTrx(bytesOf(text), 'file'))).toBe('1 is not 2\nat A.cs:3');
  });

  it('doubts a summary that tells of failures it does not show, such as a host that died', () => {
    const counters = '<ResultSummary outcome="Failed"><Counters total="1" passed="1"/></ResultSummary>';
    expect(read(run(result('Passed'), counters))['doubt']).toBe('the report declares 1 failed and shows none');
  });

  it('refuses other XML', () => {
    expect(read('<a/>')).toEqual({ unreadable: 'is not a TRX report: its root element is <a>' });
  });
});
