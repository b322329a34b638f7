import { describe, expect, test } from 'vitest';
import { LIMIT_NAMES } from '../core/limit.ts';
import { STOP_REASONS } from '../core/stop-reason.ts';
import type { StopReason } from '../core/stop-reason.ts';
import { limitPhrase, limitValue, nextAction } from './phrases.ts';
import { age, bytes, count, duration, integer, lines, money, short, some, utc } from './words.ts';

describe('quantities', () => {
  test.each([
    [0, '0ms'],
    [850, '850ms'],
    [999.6, '1000ms'],
    [1_000, '1s'],
    [4_250, '4.2s'],
    [41_900, '41s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [72_000, '1m 12s'],
    [3_600_000, '1h'],
    [7_500_000, '2h 5m'],
    [273_600_000, '3d 4h'],
    [-5, '0ms'],
  ])('%d ms is %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [12_288, '12 KiB'],
    [10 * 1024 * 1024, '10 MiB'],
    [5 * 1024 ** 5, '5120 TiB'],
  ])('%d bytes are %s', (value, words) => {
    expect(bytes(value)).toBe(words);
  });

  test('counts know one from many', () => {
    expect([count(0, 'file'), count(1, 'file'), count(12_345, 'file')]).toEqual(['0 files', '1 file', '12,345 files']);
    expect(count(2, 'process', 'processes')).toBe('2 processes');
    expect([integer(999), integer(1_000), integer(1_234_567)]).toEqual(['999', '1,000', '1,234,567']);
  });

  test('money below a cent is not shown as nothing', () => {
    expect([money(0), money(0.0042), money(1.005), money(12)]).toEqual(['$0.00', '$0.0042', '$1.00', '$12.00']);
  });

  test('ages, times, sizes, hashes and lists', () => {
    expect([age(5_000), age(300_000), age(7_200_000), age(200_000_000)]).toEqual(['now', '5m', '2h', '2d']);
    expect(utc(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02 03:04:05Z');
    expect(lines(1_200, 3)).toBe('+1,200 -3');
    expect(short('0123456789abcdef')).toBe('0123456789ab');
    expect([some(['a', 'b'], 3), some(['a', 'b', 'c'], 2)]).toEqual(['a, b', 'a, b and 1 more']);
  });

  test('every limit has a value and a phrase', () => {
    expect(LIMIT_NAMES.map((name) => [limitValue(name, 60_000), limitPhrase(name, 60_000)])).toMatchInlineSnapshot(`
      [
        [
          "60,000",
          "60,000 iterations",
        ],
        [
          "1m",
          "1m wall time",
        ],
        [
          "1m",
          "1m silence",
        ],
        [
          "60,000",
          "60,000 files",
        ],
        [
          "60,000",
          "60,000 lines",
        ],
        [
          "59 KiB",
          "59 KiB output",
        ],
        [
          "60,000",
          "60,000 tokens",
        ],
        [
          "$60000.00",
          "$60000.00",
        ],
      ]
    `);
  });
});

describe('next actions', () => {
  test.each(Object.keys(STOP_REASONS) as StopReason[])('%s names the run, not the word RUN', (reason) => {
    expect(nextAction(reason, '01k7', false)).not.toMatch(/\bRUN\b/);
  });
});
