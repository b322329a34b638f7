import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passedHeaders, withoutSecrets } from './headers.ts';
import { createRedaction } from './recording/redact.ts';

describe('headers that pass', () => {
  it('are all but those of one connection, of cookies and of what is made anew', () => {
    expect(
      passedHeaders({
        'Anthropic-Version': '2023-06-01',
        'x-many': ['a', 'b'],
        'x-absent': undefined,
        host: 'gateway',
        'Content-Length': '5',
        'transfer-encoding': 'chunked',
        te: 'trailers',
        expect: '100-continue',
        cookie: 'a=b',
        'set-cookie': ['a=b'],
        'accept-encoding': 'gzip',
        'proxy-authorization': 'Basic x',
      }),
    ).toEqual({ 'anthropic-version': '2023-06-01', 'x-many': ['a', 'b'] });
  });

  it('are not those that a connection header names, in whatever case and however often', () => {
    expect(
      passedHeaders({ connection: ['X-One, x-two', 'close'], 'x-one': '1', 'X-Two': '2', 'x-three': '3' }),
    ).toEqual({
      'x-three': '3',
    });
  });

  it('are none of the forbidden ones, however they are spelled', () => {
    const names = fc.constantFrom(
      'Connection',
      'KEEP-ALIVE',
      'hOsT',
      'Upgrade',
      'Trailer',
      'Cookie',
      'X-Own',
      'accept',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.constantFrom('x-own', 'value')), (headers) => {
        const passed = Object.keys(passedHeaders(headers));
        expect(passed.every((name) => name === 'x-own' || name === 'accept')).toBe(true);
      }),
    );
  });

  it('hold no secret, wherever a vendor put it', () => {
    const redact = createRedaction(['sk-secret-value']);
    expect(
      withoutSecrets({ a: 'is sk-secret-value', b: ['sk-secret-value', 'é'], c: 'plain', d: undefined }, redact),
    ).toEqual({
      a: 'is [redacted by loopwright]',
      b: ['[redacted by loopwright]', 'é'],
      c: 'plain',
      d: undefined,
    });
  });
});
