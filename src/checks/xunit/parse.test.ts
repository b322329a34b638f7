import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readXunit } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readXunit(bytesOf(text), 'file'));

const report = (inner: string): string => `<assemblies><assembly name="/w/a.dll">${inner}</assembly></assemblies>`;

describe('xUnit.net', () => {
  it('names a test by its assembly, and by its class where the name does not say it', () => {
    const tests = [
      '<test name="Sums.Adds" type="Sums" result="Pass"/>',
      '<test name="divides by two" type="Sums" result="Skip"/>',
      '<test name="roots" type="" result="NotRun"/>',
    ];
    expect(read(report(`<collection>${tests.join('')}</collection>`))).toEqual({
      'a.dll > Sums.Adds': 'passed',
      'a.dll > Sums > divides by two': 'skipped',
      'a.dll > roots': 'skipped',
    });
  });

  it('takes a result it does not know for failed', () => {
    expect(read(report('<collection><test name="A"/></collection>'))).toEqual({ 'a.dll > A': 'failed' });
  });

  it('counts errors of the assembly', () => {
    const failure = '<failure><message>cannot take down</message></failure>';
    const text = report(`<errors><error type="fixture-cleanup" name="Db">${failure}</error></errors>`);
    expect(read(text)).toEqual({ 'a.dll > fixture-cleanup > Db': 'failed' });
    expect(firstMessage(readXunit(bytesOf(text), 'file'))).toBe('cannot take down');
  });

  it('refuses other XML', () => {
    expect(read('<testsuite/>')).toEqual({ unreadable: 'is not an xUnit.net report: its root element is <testsuite>' });
  });
});
