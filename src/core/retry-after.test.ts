import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

describe('when to ask again', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['soon', null],
    ['99999999999', null],
    ['', null],
  ])('%j', (value, expected) => expect(retryAfterMs(value, 10_000)).toBe(expected));
});
