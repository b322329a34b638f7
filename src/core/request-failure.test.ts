import { describe, expect, it } from 'vitest';
import { requestFailure } from './request-failure.ts';

describe('a request without an answer', () => {
  it.each([
    [
      'is said to have been refused, and by no address',
      Object.assign(new TypeError('fetch failed'), {
        cause: Object.assign(new Error('connect https://key@host'), { code: 'ECONNREFUSED' }),
      }),
      'no answer (ECONNREFUSED)',
    ],
    [
      'is said to have ended where nobody says more',
      new TypeError('terminated: https://key@host'),
      'no answer (the connection ended)',
    ],
    ['is said to be late', Object.assign(new Error('x'), { name: 'TimeoutError' }), 'no answer in time'],
    ['is no error at all', 'https://key@host', 'no answer (the connection ended)'],
  ])('%s', (_what, error, words) => expect(requestFailure(error)).toBe(words));
});
