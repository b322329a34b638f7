import { describe, expect, it } from 'vitest';
import { bytesOf, firstMessage, outcomesOf } from '../../../test/fixtures/readings.ts';
import { readNunit } from './parse.ts';

const read = (text: string): Record<string, string> => outcomesOf(readNunit(bytesOf(text), 'file'));

const version3 = (cases: string, root = ''): string =>
  `<test-run ${root}><test-suite name="/w/a.dll"><test-suite name="Sums">${cases}</test-suite></test-suite></test-run>`;
const version2 = (cases: string): string =>
  `<test-results><test-suite name="Sums"><results>${cases}</results></test-suite></test-results>`;

describe('NUnit', () => {
  it.each([
    ['result="Passed"', 'passed'],
    ['result="Warning"', 'passed'],
    ['result="Failed" label="Error"', 'failed'],
    ['result="Skipped" label="Ignored"', 'skipped'],
    ['result="Inconclusive"', 'skipped'],
  ])('3 reads %s as %s', (attributes, status) =>
    expect(read(version3(`<test-case name="A" ${attributes}/>`))).toEqual({ 'a.dll > Sums > A': status }),
  );

  it.each([
    ['executed="True" success="True"', 'passed'],
    ['executed="True" success="False"', 'failed'],
    ['executed="False"', 'skipped'],
    ['executed="True"', 'passed'],
    ['executed="True" result="Error" success="False"', 'failed'],
    ['executed="False" result="NotRunnable"', 'skipped'],
    ['executed="True" result="Inconclusive" success="False"', 'skipped'],
  ])('2 reads %s as %s', (attributes, status) =>
    expect(read(version2(`<test-case name="A" ${attributes}/>`))).toEqual({ 'Sums > A': status }),
  );

  it('believes a failure in a test whatever its attributes say', () => {
    const failure = '<failure><message>1 is not 2</message><stack-trace>at A.cs:3</stack-trace></failure>';
    const text = version2(`<test-case name="A" executed="True" success="True">${failure}</test-case>`);
    expect(read(text)).toEqual({ 'Sums > A': 'failed' });
    expect(firstMessage(readNunit(bytesOf(text), 'file'))).toBe('1 is not 2\nat A.cs:3');
  });

  it('doubts a root that declares failures and shows none', () => {
    const text = version3('<test-case name="A" result="Passed"/>', 'failed="2"');
    expect(read(text)['doubt']).toBe('the report declares 2 failed and shows none');
  });

  it('refuses other XML, and characters that XML forbids', () => {
    expect(read('<suites/>')).toEqual({ unreadable: 'is not an NUnit report: its root element is <suites>' });
    expect(read(version3('<test-case name="A" result="Passed"/>\u0001'))['unreadable']).toContain('not well-formed');
  });
});
