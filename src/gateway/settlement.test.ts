/** What a call is charged: the vendor's last word where it can be believed, and all that was held where it cannot. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TOKENS, totalTokens } from '../core/spend.ts';
import type { TokenUsage } from '../core/spend.ts';
import type { Metered } from './dialects/dialect.ts';
import { servedTerms, usedBy, wholeHold } from './settlement.ts';
import type { Answered } from './settlement.ts';

const USAGE: TokenUsage = { ...NO_TOKENS, inputTokens: 100, outputTokens: 20 };

function meteredOf(change: Partial<Metered> = {}): Metered {
  return {
    usage: USAGE,
    final: true,
    contentBytes: 80,
    model: null,
    terms: null,
    tools: [],
    finishReason: 'end_turn',
    error: null,
    problem: null,
    ...change,
  };
}

function answeredOf(change: Partial<Answered> = {}): Answered {
  return {
    status: 200,
    sent: true,
    metered: meteredOf(),
    held: { nanoUsd: 50_000, tokens: 1_500 },
    inputTokens: 500,
    requestBytes: 400,
    mediaParts: 0,
    ...change,
  };
}

const WHOLE = { usage: { ...NO_TOKENS, inputTokens: 500, outputTokens: 1_000 }, basis: 'estimated' };
const FREE = { usage: NO_TOKENS, basis: 'metered' };

describe('a call that is over', () => {
  it.each([
    ['the last word of a whole answer', {}, { usage: USAGE, basis: 'metered' }],
    ['an error status', { status: 400 }, FREE],
    ['an error status with usage in its body', { status: 529 }, FREE],
    ['no connection', { status: null, sent: false, metered: null }, FREE],
    ['no answer to what was sent', { status: null, metered: null }, WHOLE],
    ['an answer nobody could meter', { metered: null }, WHOLE],
    ['no usage', { metered: meteredOf({ usage: null, final: false }) }, WHOLE],
    ['usage before the last word', { metered: meteredOf({ final: false }) }, WHOLE],
    ['more content than the output can hold', { metered: meteredOf({ contentBytes: 20 * 32 + 1 }) }, WHOLE],
    [
      'as much content as the output can hold',
      { metered: meteredOf({ contentBytes: 20 * 32 }) },
      { usage: USAGE, basis: 'metered' },
    ],
    ['more request than the input can hold', { requestBytes: 100 * 32 + 1 }, WHOLE],
    ['a picture in the request', { requestBytes: 1_000_000, mediaParts: 1 }, { usage: USAGE, basis: 'metered' }],
    ['zeros', { metered: meteredOf({ usage: NO_TOKENS, contentBytes: 0 }) }, WHOLE],
    ['zeros, and a picture', { metered: meteredOf({ usage: NO_TOKENS, contentBytes: 0 }), mediaParts: 1 }, WHOLE],
    ['a redirection', { status: 302, metered: meteredOf({ usage: null, final: false }) }, WHOLE],
  ])('is charged for %s', (_what, change, used) => {
    expect(usedBy(answeredOf(change))).toEqual(used);
  });

  it('is free only where the vendor cannot have billed it, and never counts less than is charged', () => {
    const counts = fc.nat(2_000);
    const answers = fc.record({
      status: fc.constantFrom(null, 200, 201, 302, 400, 429, 500),
      sent: fc.boolean(),
      inputTokens: counts,
      requestBytes: fc.integer({ min: 1, max: 10_000 }),
      mediaParts: fc.nat(1),
      metered: fc.option(
        fc.record({ final: fc.boolean(), contentBytes: counts, input: counts, output: counts, said: fc.boolean() }),
      ),
    });
    fc.assert(
      fc.property(answers, counts, ({ metered, ...answer }, output) => {
        const held = { nanoUsd: 1, tokens: answer.inputTokens + output };
        const answered = answeredOf({
          ...answer,
          held,
          metered:
            metered === null
              ? null
              : meteredOf({
                  ...metered,
                  usage: metered.said
                    ? { ...NO_TOKENS, inputTokens: metered.input, outputTokens: metered.output }
                    : null,
                }),
        });
        const { usage, basis } = usedBy(answered);
        const cannotBill = answer.status === null ? !answer.sent : answer.status >= 400;
        if (basis === 'estimated') expect(totalTokens(usage)).toBe(held.tokens);
        if (basis === 'metered') expect(totalTokens(usage) === 0).toBe(cannotBill);
        if (cannotBill) expect(basis).toBe('metered');
      }),
    );
  });

  it('counts every token of its hold where all of it is charged', () => {
    expect(wholeHold({ held: { nanoUsd: 9, tokens: 700 }, inputTokens: 300 })).toEqual({
      ...NO_TOKENS,
      inputTokens: 300,
      outputTokens: 400,
    });
  });

  it('is priced as it was served, and as it was asked for where nobody says', () => {
    const asked = { serviceTier: 'auto', fast: true, geography: 'us' };
    expect(servedTerms(asked, null)).toBe(asked);
    expect(servedTerms(asked, { serviceTier: 'priority', fast: false, geography: null })).toEqual({
      serviceTier: 'priority',
      fast: true,
      geography: 'us',
    });
  });
});
