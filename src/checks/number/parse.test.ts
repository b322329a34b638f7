import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../test/fixtures/readings.ts';
import { readNumber } from './parse.ts';

function read(text: string): string {
  const reading = readNumber(bytesOf(text), 'stream');
  return reading.kind === 'unreadable' ? reading.problem : `${reading.value} ${reading.unit}`.trim();
}

describe('the last number', () => {
  it.each([
    ['1234\n', '1234'],
    ['files: 3\ntotal: 1,234,567 bytes\n', '1234567 bytes'],
    ['84.2%', '84.2 %'],
    ['12 kB', '12 kB'],
    ['12kB (gzip)', '12 kB'],
    ['found 7 problems.', '7'],
    ['errors=0', '0'],
    ['-1.5e3', '-1500'],
    ['\u001B[31m9\u001B[0m', '9'],
  ])('of %j is %s', (text, number) => {
    expect(read(text)).toBe(number);
  });

  it.each([
    ['', 'has no number in it'],
    ['none', 'has no number in it'],
    ['NaN', 'which is no plain number'],
    ['12\nInfinity', 'which is no plain number'],
    ['size 10, version 1.2.3', 'which is no plain number'],
    ['3/10', 'which is no plain number'],
    ['1,5', 'which is no plain number'],
    ['1e999', 'which is no plain number'],
    ['12345678901234567890', 'which is no plain number'],
    ['2026-11-26', 'which is no plain number'],
  ])('of %j is not known', (text, problem) => {
    expect(read(text)).toContain(problem);
  });

  it('is finite whatever is printed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reading = readNumber(bytesOf(text), 'file');
        expect(reading.kind === 'unreadable' || Number.isFinite(reading.value)).toBe(true);
      }),
    );
  });
});
