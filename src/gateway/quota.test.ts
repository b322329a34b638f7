/** When a vendor says that it takes calls again, in every form that vendors use, and in forms nobody should. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resetAt, turnsAway, untilPaid } from './quota.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const DAY_MS = 86_400_000;

describe('the reset time', () => {
  it.each([
    ['seconds', { 'retry-after': '30' }, 30_000],
    ['a part of a second', { 'retry-after': '1.5' }, 1_500],
    ['a date', { 'retry-after': 'Wed, 25 Nov 2026 12:01:00 GMT' }, 60_000],
    ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '30' }, 250],
    ['an instant', { 'anthropic-ratelimit-tokens-reset': '2026-11-25T12:00:10Z' }, 10_000],
    ['an instant in seconds', { 'anthropic-ratelimit-unified-reset': String(NOW / 1_000 + 90) }, 90_000],
    ['a duration', { 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    ['a short duration', { 'x-ratelimit-reset-tokens': '20ms' }, 20],
    ['a mixed duration', { 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3_723_500],
    ['the latest of several', { 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-reset-tokens': '2m' }, 120_000],
    ['a header given twice', { 'retry-after': ['7', '9'] }, 7_000],
    ['blanks around it', { 'retry-after': ' 5 ' }, 5_000],
  ])('is read as %s', (_form, headers, afterMs) => {
    expect(resetAt(headers, '', NOW)).toBe(NOW + afterMs);
  });

  it('is read from the body where Google puts it', () => {
    const body = JSON.stringify({ error: { details: [{ '@type': 'RetryInfo', retryDelay: '34.07s' }] } });
    expect(resetAt({}, body, NOW)).toBe(NOW + 34_070);
  });

  it.each([
    ['nothing', {}],
    ['no time at all', { 'retry-after': 'soon' }],
    ['nothing in it', { 'retry-after': '' }],
    ['now', { 'retry-after': '0' }],
    ['the past', { 'retry-after': 'Wed, 25 Nov 2020 12:00:00 GMT' }],
    ['less than nothing', { 'retry-after': '-30' }],
    ['not a number', { 'retry-after': 'NaN', 'retry-after-ms': 'NaN' }],
    ['an unknown unit', { 'x-ratelimit-reset-tokens': '3weeks' }],
  ])('is not known from %s', (_what, headers) => {
    expect(resetAt(headers, '', NOW)).toBe(null);
  });

  it.each([
    '9'.repeat(400),
    '999999999d',
    '9'.repeat(308),
    '1e9',
    `${'9'.repeat(400)}s`,
    'Sat, 01 Jan 9999 00:00:00 GMT',
  ])('is at most eight days away, also from %s', (value) => {
    const at = resetAt({ 'retry-after': value }, '', NOW);
    if (value === '1e9') expect(at === null || at <= NOW + 8 * DAY_MS).toBe(true);
    else expect(at).toBe(NOW + 8 * DAY_MS);
  });

  it('is none or a whole instant to come, whatever a vendor says', () => {
    const names = fc.constantFrom(
      'retry-after',
      'retry-after-ms',
      'x-ratelimit-reset-tokens',
      'anthropic-ratelimit-unified-reset',
    );
    const values = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      fc.stringMatching(/^[\d.]{0,5}(ms|s|m|h|d)[\d.]{0,5}(ms|s|m|h|d)?$/),
    );
    fc.assert(
      fc.property(fc.dictionary(names, values), fc.string(), (headers, body) => {
        const at = resetAt(headers, body, NOW);
        expect(at === null || (Number.isSafeInteger(at) && at > NOW && at <= NOW + 8 * DAY_MS)).toBe(true);
      }),
    );
  });
});

describe('a vendor that says "not now"', () => {
  it('is told from one that refuses for good', () => {
    expect([429, 503, 529].every(turnsAway)).toBe(true);
    expect([200, 400, 401, 402, 403, 404, 413, 500, 502].some(turnsAway)).toBe(false);
  });

  it('is told from one that wants to be paid first', () => {
    expect(untilPaid('{"error": {"code": "insufficient_quota"}}')).toBe(true);
    expect(untilPaid('Your credit balance is too low to access the API.')).toBe(true);
    expect(untilPaid('{"error": {"code": "rate_limit_exceeded"}}')).toBe(false);
  });
});
