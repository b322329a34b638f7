import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptHeaders } from './headers.ts';
import { createRedaction } from './redact.ts';

const MARK = '[redacted by loopwright]';
const KEY = 'sk-ant-api03-Q+/r_9xZ"\\é-canary';

function redacted(text: string, ...secrets: string[]): string {
  return Buffer.from(createRedaction(secrets)(Buffer.from(text))).toString();
}

const aSecret = fc.oneof(
  fc.string({ minLength: 12, maxLength: 60, unit: 'grapheme-ascii' }),
  fc.string({
    minLength: 12,
    maxLength: 40,
    unit: fc.constantFrom('a', 'Z', '0', '-', '_', '+', '/', '=', '.', '\\', '"'),
  }),
  fc.string({ minLength: 12, maxLength: 30, unit: 'grapheme' }),
);

/** Every character escaped or not, as the numbers say. */
function escaped(secret: string, choices: readonly number[], depth: number): string {
  const chars = Array.from(secret, (char, at) => {
    const choice = (choices[at % choices.length] ?? 0) % 3;
    if (choice === 0) return JSON.stringify(char).slice(1, -1);
    if (char === '/' && choice === 1) return String.raw`\/`;
    const units = Array.from({ length: char.length }, (_, unit) => char.charCodeAt(unit).toString(16).padStart(4, '0'));
    return units.map((unit) => String.raw`\u${choice === 1 ? unit.toUpperCase() : unit}`).join('');
  });
  return depth === 0 ? chars.join('') : JSON.stringify(chars.join('')).slice(1, -1);
}

describe('a secret is taken out', () => {
  it.each([
    ['as it is', `a ${KEY} b`, `a ${MARK} b`],
    ['of a JSON string', JSON.stringify({ key: KEY }), `{"key":"${MARK}"}`],
    ['of JSON inside JSON', JSON.stringify(JSON.stringify({ key: KEY })), String.raw`"{\"key\":\"${MARK}\"}"`],
    ['of a URL', `https://x.example/?key=${encodeURIComponent(KEY)}&a=1`, `https://x.example/?key=${MARK}&a=1`],
  ])('%s', (_, text, left) => {
    expect(redacted(text, KEY)).toBe(left);
  });

  it('behind a name, in base64 and in base64url', () => {
    for (const encoding of ['base64', 'base64url'] as const)
      for (const name of ['', 'u:', 'user:', 'x-key:']) {
        const text = Buffer.from(`${name}${KEY}`).toString(encoding);
        const left = redacted(text, KEY);
        expect(left).toContain(MARK);
        expect(Buffer.from(left.replace(MARK, ''), 'base64').toString()).not.toContain(KEY.slice(2, -2));
      }
  });

  it('in any escaped form, wherever it stands', () => {
    const where = fc.string({ maxLength: 30, unit: fc.constantFrom('x', ' ', '{', ':', '日') });
    fc.assert(
      fc.property(
        aSecret,
        where,
        where,
        fc.array(fc.nat(), { minLength: 1 }),
        fc.nat(1),
        (secret, before, after, choices, depth) => {
          const well = secret.toWellFormed();
          expect(redacted(`${before}${escaped(well, choices, depth)}${after}`, well)).toBe(`${before}${MARK}${after}`);
        },
      ),
    );
  });

  it('in any mixture of percent forms', () => {
    fc.assert(
      fc.property(aSecret, fc.array(fc.boolean(), { minLength: 1 }), (secret, choices) => {
        const well = secret.toWellFormed();
        const text = [...Buffer.from(well)].map((byte, at) => {
          const encode = (choices[at % choices.length] ?? true) || byte >= 0x80;
          return encode ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
        });
        expect(redacted(text.join(''), well)).toBe(MARK);
      }),
    );
  });

  it('in base64 at any alignment', () => {
    fc.assert(
      fc.property(
        aSecret,
        fc.uint8Array({ maxLength: 5 }),
        fc.uint8Array({ maxLength: 5 }),
        (secret, before, after) => {
          const well = secret.toWellFormed();
          const all = Buffer.concat([before, Buffer.from(well), after]);
          for (const encoding of ['base64', 'base64url'] as const)
            expect(redacted(all.toString(encoding), well)).toContain(MARK);
        },
      ),
    );
  });

  it('also where another secret begins the same', () => {
    expect(redacted('token-1234-long token-1234', 'token-1234', 'token-1234-long')).toBe(`${MARK} ${MARK}`);
  });
});

describe('everything else', () => {
  it('comes back as the very same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(createRedaction(['a-secret-that-is-not-there'])(bytes)).toBe(bytes);
        expect(createRedaction([])(bytes)).toBe(bytes);
      }),
    );
  });

  it('stays byte for byte around a secret, whatever bytes they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (before, after) => {
        const all = Buffer.concat([before, Buffer.from(`<${KEY}>`), after]);
        const left = createRedaction([KEY])(all);
        expect(Buffer.from(left).equals(Buffer.concat([before, Buffer.from(`<${MARK}>`), after]))).toBe(true);
      }),
    );
  });

  it('does not take a short secret for base64', () => {
    expect(redacted(Buffer.from('pass').toString('base64'), 'pass')).toBe('cGFzcw==');
    expect(redacted('pass', 'pass')).toBe(MARK);
  });

  it('costs no more where it is all backslashes or nearly a secret', () => {
    const hostile = ['\\'.repeat(2_000_000), KEY.slice(0, -1).repeat(50_000), '%'.repeat(1_000_000)];
    for (const text of hostile) expect(redacted(text, KEY)).toBe(text);
  });

  it('an empty secret is refused', () => {
    expect(() => createRedaction(['a', ''])).toThrow(RangeError);
  });
});

describe('recorded headers', () => {
  const none = createRedaction([]);

  it('hold what explains a call and nothing that opens a door', () => {
    const headers = {
      Authorization: `Bearer ${KEY}`,
      'x-api-key': KEY,
      'X-Goog-Api-Key': KEY,
      'api-key': KEY,
      Cookie: 'a=b',
      'Set-Cookie': ['a=b', 'c=d'],
      'proxy-authorization': 'x',
      'x-amz-security-token': 'x',
      'openai-organization': 'org-1',
      'anthropic-organization-id': 'org',
      'x-forwarded-for': '10.0.0.1',
      'x-new-secret': KEY,
      'content-type': 'application/json',
      'Anthropic-Beta': ['a', 'b'],
      'anthropic-ratelimit-tokens-remaining': '17',
      'x-ratelimit-reset-requests': '1s',
      'request-id': 'req_1',
      'retry-after': '3',
      'user-agent': undefined,
    };
    expect(keptHeaders(headers, none)).toEqual({
      'anthropic-beta': 'a, b',
      'anthropic-ratelimit-tokens-remaining': '17',
      'content-type': 'application/json',
      'request-id': 'req_1',
      'retry-after': '3',
      'x-ratelimit-reset-requests': '1s',
    });
  });

  it('are redacted and cut', () => {
    const kept = keptHeaders({ 'user-agent': `me ${KEY}`, 'x-request-id': 'x'.repeat(5_000) }, createRedaction([KEY]));
    expect(kept['user-agent']).toBe(`me ${MARK}`);
    expect(kept['x-request-id']).toHaveLength(1_024);
  });
});
