import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMIT_NAMES } from '../core/limit.ts';
import { formatCeiling, LIMIT_FORMS, parseCeiling, parseLimitFlag } from './limit-quantities.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatUsd,
  MAX_BYTES,
  MAX_DURATION_MS,
  parseBytes,
  parseCount,
  parseDuration,
  parseUsd,
  type Parsed,
} from './quantities.ts';

const good = (parse: (written: string | number) => Parsed, written: string | number): number => {
  const parsed = parse(written);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
};

const problem = (parse: (written: string | number) => Parsed, written: string | number): string => {
  const parsed = parse(written);
  return parsed.ok ? `accepted as ${parsed.value}` : parsed.problem;
};

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    [' 1d2h3m4s5ms ', 93_784_005],
    ['24d', MAX_DURATION_MS],
  ])('%s is %d ms', (written, ms) => expect(good(parseDuration, written)).toBe(ms));

  it.each([
    [30, '30 has no unit; write a number with its unit, such as `90s`, `10m` or `1h30m`'],
    ['30', '"30" is not a duration; write a number with its unit, such as `90s`, `10m` or `1h30m`'],
    ['', '"" is not a duration; write a number with its unit, such as `90s`, `10m` or `1h30m`'],
    ['10 minutes', '"10 minutes" has the unknown unit `minutes`; units are ms, s, m, h, d'],
    ['10M', '"10M" has the unknown unit `M`; units are ms, s, m, h, d'],
    ['30m1h', '"30m1h" repeats or mixes its units; write a number with its unit, such as `90s`, `10m` or `1h30m`'],
    ['1m1m', '"1m1m" repeats or mixes its units; write a number with its unit, such as `90s`, `10m` or `1h30m`'],
    ['0s', '"0s" is not above zero'],
    ['-5m', '"-5m" is not above zero'],
    ['25d', '"25d" is above the largest value, 24d'],
    [`${'9'.repeat(400)}d`, `"${'9'.repeat(40)}…" is not a finite number`],
    ['5constructor', '"5constructor" has the unknown unit `constructor`; units are ms, s, m, h, d'],
  ])('refuses %s', (written, said) => expect(problem(parseDuration, written)).toBe(said));

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_DURATION_MS }), (ms) => good(parseDuration, formatDuration(ms)) === ms),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['10 MiB', 10 * 2 ** 20],
    ['1GB', 1e9],
    ['512kib', 512 * 1024],
    ['1.5 KiB', 1536],
    ['100 B', 100],
    ['100', 100],
    [4096, 4096],
    ['1024 GiB', MAX_BYTES],
  ])('%s is %d bytes', (written, bytes) => expect(good(parseBytes, written)).toBe(bytes));

  it.each([
    [
      '10 megabytes',
      '"10 megabytes" is not a size; write a size such as `512 KiB`, `10 MiB` or `1 GB`, or a plain number of bytes',
    ],
    [
      1.5,
      '1.5 is not a whole number of bytes; write a size such as `512 KiB`, `10 MiB` or `1 GB`, or a plain number of bytes',
    ],
    [0, '0 is not above zero'],
    ['-1 MiB', '"-1 MiB" is not above zero'],
    [Number.NaN, 'NaN is not a finite number'],
    [Number.POSITIVE_INFINITY, 'Infinity is not a finite number'],
    ['1025 GiB', '"1025 GiB" is above the largest value, 1024 GiB'],
    [1e300, '1e+300 is above the largest value, 1024 GiB'],
  ])('refuses %s', (written, said) => expect(problem(parseBytes, written)).toBe(said));

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_BYTES }), (bytes) => good(parseBytes, formatBytes(bytes)) === bytes),
    );
    expect([16 * 2 ** 20, 1e9, 1536, 1000, 7].map(formatBytes)).toEqual(['16 MiB', '1 GB', '1536 B', '1 kB', '7 B']);
  });
});

describe('counts and dollars', () => {
  it.each([
    ['50', 50],
    ['2_000_000', 2_000_000],
    ['200k', 200_000],
    ['1.5M', 1_500_000],
    [7, 7],
    [1e6, 1e6],
  ])('%s is the count %d', (written, count) => expect(good(parseCount, written)).toBe(count));

  it.each([
    ['many', '"many" is not a whole number; write a whole number such as `50`, `2_000_000` or `2M`'],
    ['2_00', '"2_00" is not a whole number; write a whole number such as `50`, `2_000_000` or `2M`'],
    [1.5, '1.5 is not a whole number; write a whole number such as `50`, `2_000_000` or `2M`'],
    [0, '0 is not above zero'],
    [-1, '-1 is not above zero'],
    [Number.NaN, 'NaN is not a finite number'],
    [1e21, '1e+21 is above the largest value, 10^12'],
  ])('refuses the count %s', (written, said) => expect(problem(parseCount, written)).toBe(said));

  it.each([
    ['5', 5],
    ['0.50', 0.5],
    ['$5', 5],
    ['5 USD', 5],
    [0.000001, 0.000001],
  ])('%s is %d dollars', (written, usd) => expect(good(parseUsd, written)).toBe(usd));

  it.each([
    ['five', '"five" is not an amount; write US dollars such as `5` or `0.50`'],
    [0.0000001, '1e-7 is finer than a millionth of a dollar; write US dollars such as `5` or `0.50`'],
    [0, '0 is not above zero'],
    ['-$5', '"-$5" is not above zero'],
    [Number.NEGATIVE_INFINITY, '-Infinity is not a finite number'],
    [1e7, '10000000 is above the largest value, 1000000'],
  ])('refuses the amount %s', (written, said) => expect(problem(parseUsd, written)).toBe(said));

  it('shows counts in groups and dollars with their cents', () => {
    expect([5, 1500, 2_000_000].map(formatCount)).toEqual(['5', '1,500', '2,000,000']);
    expect([5, 0.5, 0.000001].map(formatUsd)).toEqual(['$5.00', '$0.50', '$0.000001']);
  });
});

describe('limits', () => {
  it('has one key and one flag per limit', () => {
    const forms = LIMIT_NAMES.map((name) => LIMIT_FORMS[name]);
    expect(new Set(forms.map((form) => form.key)).size).toBe(LIMIT_NAMES.length);
    expect(new Set(forms.map((form) => form.flag)).size).toBe(LIMIT_NAMES.length);
  });

  it('reads the flags', () => {
    expect(parseLimitFlag('wallTimeMs', '30m')).toBe(1_800_000);
    expect(parseLimitFlag('tokens', '200k')).toBe(200_000);
    expect(parseLimitFlag('costUsd', 'unlimited')).toBe('unlimited');
    expect(formatCeiling('costUsd', 'unlimited')).toBe('unlimited');
  });

  it('never takes zero for no ceiling', () => {
    const written = ['0', 0, '-1', -1, '', 'none', 'Infinity', Number.NaN];
    const taken = LIMIT_NAMES.flatMap((name) =>
      written.filter((value) => parseCeiling(name, value).ok).map((value) => [name, value]),
    );
    expect(taken).toEqual([]);
  });

  it('says what is wrong with a flag and how to write it', () => {
    const message =
      '--max-time: "30" is not a duration; write a number with its unit, such as `90s`, `10m` or `1h30m` (or the word `unlimited` for no ceiling)';
    expect(() => parseLimitFlag('wallTimeMs', '30')).toThrow(
      expect.objectContaining({
        code: 'LW_USAGE',
        message,
        next: 'Give --max-time a duration such as `30m` above zero, or the word `unlimited`.',
      }),
    );
  });
});
