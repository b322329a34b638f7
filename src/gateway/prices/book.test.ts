import { calcPrice } from '@pydantic/genai-prices';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIST_PRICE, NO_TOKENS } from '../../core/spend.ts';
import type { ModelRules, PriceTerms, TokenUsage } from '../../core/spend.ts';
import { createPriceBook } from './book.ts';
import type { PriceBook, PriceRequest, WorstRequest } from './book.ts';
import { bookCard, dearestUpTo, rateAt, scaled } from './rates.ts';

const AT = Date.UTC(2026, 10, 25);
const NO_RULES = { prices: {}, multipliers: {} };

const MODELS: readonly (readonly [provider: string, model: string])[] = [
  ['anthropic', 'claude-opus-4-8[1m]'],
  ['anthropic', 'claude-opus-4-6'],
  ['anthropic', 'claude-sonnet-4-5-20250929'],
  ['anthropic', 'claude-haiku-4-5'],
  ['openai', 'gpt-5.6-sol'],
  ['openai', 'gpt-5'],
  ['openai', 'gpt-4o-audio-preview'],
  ['google', 'gemini-2.5-pro'],
  ['google', 'gemini-2.5-flash'],
  ['google', 'claude-opus-4-8'],
  ['aws', 'global.anthropic.claude-opus-4-8-v1:0'],
  ['aws', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['own', 'house-model'],
];

const HOUSE: Pick<ModelRules, 'prices' | 'multipliers'> = {
  prices: { 'house-model': { input: 0.4, output: 1.7, cacheRead: 0.003625 } },
  multipliers: { turbo: 3 },
};

const aTerms: fc.Arbitrary<PriceTerms> = fc.record({
  serviceTier: fc.constantFrom(null, 'default', 'flex', 'priority', 'batch', 'turbo', 'never-heard-of'),
  fast: fc.boolean(),
  geography: fc.constantFrom(null, 'us', 'global', 'not_available', 'moon'),
});

const tokens = fc.oneof(fc.nat(1_000), fc.integer({ min: 199_990, max: 200_010 }), fc.nat(2_000_000));

const aUsage: fc.Arbitrary<TokenUsage> = fc.record({
  inputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWrite5mTokens: tokens,
  cacheWrite1hTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: fc.constant(0),
  webSearches: fc.nat(20),
});

const aCall = fc.record({
  model: fc.constantFrom(...MODELS),
  usage: aUsage,
  terms: aTerms,
  media: fc.boolean(),
  at: fc.constantFrom(AT, Date.UTC(2026, 0, 1)),
});
type Call = typeof aCall extends fc.Arbitrary<infer T> ? T : never;

function priceRequest({ model: [provider, model], ...rest }: Call): PriceRequest {
  return { provider, model, ...rest };
}

function inputOf({ inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens }: TokenUsage): number {
  return inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
}

/** The tightest bounds the usage fits in. */
function worstRequest(call: Call): WorstRequest {
  const { usage, ...rest } = priceRequest(call);
  const wrote = usage.cacheWrite5mTokens > 0 ? '5m' : 'none';
  return {
    ...rest,
    inputTokens: inputOf(usage),
    outputTokens: usage.outputTokens,
    cacheWrite: usage.cacheWrite1hTokens > 0 ? '1h' : wrote,
    webSearches: usage.webSearches,
  };
}

let book: PriceBook;
beforeAll(async () => {
  book = await createPriceBook(HOUSE);
});

function priced(provider: string, model: string, usage: Partial<TokenUsage>, terms: Partial<PriceTerms> = {}): number {
  const request = { provider, model, usage: { ...NO_TOKENS, ...usage }, terms: { ...LIST_PRICE, ...terms } };
  return book.price({ ...request, media: false, at: AT })?.nanoUsd ?? Number.NaN;
}

describe('the price of a call', () => {
  it('is exact where floating dollars are not', () => {
    const usage = { inputTokens: 1_417, cacheReadTokens: 10_000, cacheWrite5mTokens: 6_000, outputTokens: 1_432 };
    const library = calcPrice(
      { input_tokens: 17_417, cache_read_tokens: 10_000, cache_write_tokens: 6_000, output_tokens: 1_432 },
      'claude-opus-4-8',
      { providerId: 'anthropic', timestamp: new Date(AT) },
    );
    expect(library?.total_price).toBeCloseTo(0.085_385, 12);
    expect(library?.total_price).not.toBe(0.085_385);
    expect(priced('anthropic', 'claude-opus-4-8', usage)).toBe(85_385_000);
  });

  it('counts an hour of cache, five minutes, reads and searches at their own prices', () => {
    expect(priced('anthropic', 'claude-opus-4-8', { cacheWrite1hTokens: 1_000_000 })).toBe(10_000_000_000);
    expect(priced('anthropic', 'claude-opus-4-8', { cacheWrite5mTokens: 1_000_000 })).toBe(6_250_000_000);
    expect(priced('anthropic', 'claude-opus-4-8', { cacheReadTokens: 1_000_000 })).toBe(500_000_000);
    expect(priced('anthropic', 'claude-opus-4-8', { webSearches: 3 })).toBe(30_000_000);
    expect(priced('anthropic', 'claude-sonnet-4-5', { cacheReadTokens: 1 })).toBe(300);
  });

  it('knows the context suffix of Claude Code and dated names', () => {
    const usage = { inputTokens: 300_000, outputTokens: 10 };
    expect(priced('anthropic', 'claude-opus-4-8[1m]', usage)).toBe(priced('anthropic', 'claude-opus-4-8', usage));
    expect(priced('anthropic', 'claude-haiku-4-5-20251001', usage)).toBe(
      priced('anthropic', 'claude-haiku-4-5', usage),
    );
  });

  it('bills the whole call at the tier its input reaches, caches included', () => {
    const under = { inputTokens: 100_000, cacheReadTokens: 100_000, outputTokens: 1_000 };
    expect(priced('anthropic', 'claude-sonnet-4-5', under)).toBe(300_000_000 + 30_000_000 + 15_000_000);
    const over = { ...under, cacheReadTokens: 100_001 };
    expect(priced('anthropic', 'claude-sonnet-4-5', over)).toBe(600_000_000 + 60_000_600 + 22_500_000);
    expect(priced('openai', 'gpt-5.6-sol', { inputTokens: 271_999 })).toBe(271_999 * 4_000);
    expect(priced('openai', 'gpt-5.6-sol', { inputTokens: 272_000 })).toBe(272_000 * 8_000);
  });

  it('takes an hour of cache on Bedrock at twice the input, which the book lacks', () => {
    const model = 'global.anthropic.claude-opus-4-8-v1:0';
    expect(priced('aws', model, { cacheWrite1hTokens: 1_000 })).toBe(10_000_000);
    const told = { input_tokens: 1_000, cache_write_tokens: 1_000, cache_write_1h_tokens: 1_000 };
    expect(calcPrice(told, model, { providerId: 'aws' })?.total_price).toBe(0.00625);
  });

  it('charges for a search where the book has no price of one', () => {
    expect(priced('google', 'gemini-2.5-pro', { webSearches: 1 })).toBe(35_000_000);
  });

  it('is unknown for an unknown model or provider, and for one billed by what is not metered', () => {
    const usage = { inputTokens: 1 };
    expect(priced('anthropic', 'claude-nonesuch-9', usage)).toBeNaN();
    expect(priced('nobody', 'claude-opus-4-8', usage)).toBeNaN();
    expect(priced('openai', 'whisper-1', usage)).toBeNaN();
    expect(priced('openai', 'text-embedding-3-small', usage)).toBeNaN();
    expect(bookCard({ input_mtok: 1, output_mtok: 1, requests_kcount: 5 }, 'sonar', false)).toBeNull();
  });

  it.each([
    ['anthropic', 'claude-opus-5', 5],
    ['anthropic', 'claude-opus-5-5', 4],
    ['anthropic', 'claude-sonnet-5', 2],
    ['anthropic', 'claude-fable-5-1', 10],
    ['openai', 'gpt-5.6-sol-2026-08-01', 4],
    ['google', 'gemini-3.8-flash-preview-09-2026', 0.75],
    ['google', 'gemini-2.5-flash-preview-04-17', 0.15],
    ['google', 'claude-opus-4-8@20260501', 5],
    ['aws', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3],
  ])('of %s is known for %s: %d USD a million', (provider, model, usd) => {
    expect(priced(provider, model, { inputTokens: 1_000 })).toBe(usd * 1e6);
  });

  it.each([
    ['anthropic', 'claude-sonnet-5-5'],
    ['anthropic', 'claude-sonnet-5.5'],
    ['anthropic', 'claude-fable-5-2'],
    ['anthropic', 'claude-opus-4-9'],
    ['openai', 'gpt-5.7'],
    ['google', 'gemini-3.9-flash'],
    ['aws', 'us.anthropic.claude-opus-5-7-v1:0'],
  ])('of %s is unknown for %s, a version later than the book', (provider, model) => {
    expect(priced(provider, model, { inputTokens: 1 })).toBeNaN();
  });

  it('counts input of a request with media at the dearest kind of input', () => {
    const request = { provider: 'google', model: 'gemini-2.5-flash', terms: LIST_PRICE, at: AT };
    const usage = { ...NO_TOKENS, inputTokens: 1_000_000 };
    expect(book.price({ ...request, usage, media: false })?.nanoUsd).toBe(300_000_000);
    expect(book.price({ ...request, usage, media: true })?.nanoUsd).toBe(1_000_000_000);
  });

  it('is what the package says, wherever the package knows every class', () => {
    const own = MODELS.filter(([provider, model]) => !['own', 'aws'].includes(provider) && !model.includes('audio'));
    fc.assert(
      fc.property(fc.constantFrom(...own), aUsage, ([provider, model], some) => {
        const searches = provider === 'google' ? 0 : some.webSearches;
        const claude = model.startsWith('claude') && provider === 'anthropic';
        const long = claude ? some.cacheWrite1hTokens : 0;
        const short = claude ? some.cacheWrite5mTokens : 0;
        const usage = { ...some, webSearches: searches, cacheWrite1hTokens: long, cacheWrite5mTokens: short };
        const told = {
          input_tokens: inputOf(usage),
          cache_read_tokens: usage.cacheReadTokens,
          cache_write_tokens: short + long,
          cache_write_1h_tokens: long,
          output_tokens: usage.outputTokens,
          web_searches: searches,
        };
        const options = { providerId: provider, timestamp: new Date(AT) };
        const said = calcPrice(told, model, options)?.total_price ?? Number.NaN;
        const ours = priced(provider, model, usage);
        expect(Math.abs(ours - said * 1e9)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('what policy says', () => {
  it('comes before the book, by exact name', async () => {
    const own = await createPriceBook({ prices: { 'gpt-5': { input: 1, output: 2 } }, multipliers: {} });
    const usage = { ...NO_TOKENS, inputTokens: 3, cacheWrite5mTokens: 4, cacheWrite1hTokens: 1, webSearches: 1 };
    const request = { provider: 'openai', model: 'gpt-5', usage, terms: LIST_PRICE, media: false, at: AT };
    expect(own.price(request)).toEqual({
      nanoUsd: 3_000 + 5_000 + 2_000 + 10_000_000,
      source: 'policy',
      unknownTerms: [],
    });
    expect(own.price({ ...request, model: 'gpt-5-2025-08-07' })?.source).toBe('book');
  });

  it('gives a price to a model nobody else knows, and rounds up once a call', () => {
    expect(priced('own', 'house-model', { cacheReadTokens: 1 })).toBe(4);
    expect(priced('own', 'house-model', { cacheReadTokens: 1_000 })).toBe(3_625);
  });

  it('changes the version, whatever order it is written in', async () => {
    const version = async (rules: typeof NO_RULES | typeof HOUSE): Promise<string> =>
      (await createPriceBook(rules)).version;
    const plain = await version(NO_RULES);
    expect(plain).toMatch(/^@pydantic\/genai-prices@0\.1\.8\+[0-9a-f]{12}$/);
    expect(await version(HOUSE)).not.toBe(plain);
    const [a, b] = [
      { input: 1, output: 2 },
      { output: 2, input: 1 },
    ];
    expect(await version({ prices: { x: a, y: b }, multipliers: {} })).toBe(
      await version({ prices: { y: a, x: b }, multipliers: {} }),
    );
  });
});

describe('terms', () => {
  const million = { inputTokens: 1_000_000 };

  it.each([
    ['anthropic', 'claude-opus-4-6', { fast: true }, 30],
    ['anthropic', 'claude-opus-5-5', { fast: true }, 8],
    ['anthropic', 'claude-opus-4-6', { fast: true, geography: 'us' }, 33],
    ['anthropic', 'claude-opus-4-6', { geography: 'us' }, 5.5],
    ['anthropic', 'claude-opus-4-6', { geography: 'not_available' }, 5],
    ['anthropic', 'claude-opus-4-6', { serviceTier: 'batch' }, 2.5],
    ['anthropic', 'claude-opus-4-6', { serviceTier: 'priority' }, 5],
    ['openai', 'gpt-5', { serviceTier: 'priority' }, 2.5],
    ['openai', 'gpt-5', { serviceTier: 'flex' }, 0.625],
    ['openai', 'gpt-5', { serviceTier: 'auto' }, 1.25],
  ])('%s %s with %j costs %d USD a million', (provider, model, terms, usd) => {
    expect(priced(provider, model, million, terms)).toBe(usd * 1e9);
  });

  it('do not multiply searches', () => {
    expect(priced('anthropic', 'claude-opus-4-6', { webSearches: 1 }, { fast: true })).toBe(10_000_000);
  });

  it('that nobody knows take the dearest multiplier known, in a charge too, and are named', () => {
    const terms = { serviceTier: 'ludicrous', fast: true, geography: 'moon' };
    const request = { provider: 'openai', model: 'gpt-5', terms, media: false, at: AT };
    const price = book.price({ ...request, usage: { ...NO_TOKENS, ...million } });
    expect(price?.nanoUsd).toBe(1.25e9 * 2.5 * 6 * 1.1);
    expect(price?.unknownTerms).toEqual(['service tier ludicrous', 'fast mode', 'geography moon']);
  });

  it('can be named by a policy, the ordinary tier included', async () => {
    const own = await createPriceBook({ prices: {}, multipliers: { ludicrous: 3, geography: 1.2, default: 1.5 } });
    const cost = (terms: Partial<PriceTerms>): unknown => {
      const usage = { ...NO_TOKENS, inputTokens: 1_000_000 };
      const all = { ...LIST_PRICE, ...terms };
      return own.price({ provider: 'openai', model: 'gpt-5', usage, terms: all, media: false, at: AT });
    };
    expect(cost({ serviceTier: 'ludicrous' })).toEqual({ nanoUsd: 3.75e9, source: 'book', unknownTerms: [] });
    expect(cost({ geography: 'moon' })).toMatchObject({ nanoUsd: 1.5e9, unknownTerms: [] });
    expect(cost({ serviceTier: 'default' })).toMatchObject({ nanoUsd: 1.875e9 });
  });

  it('that are a discount are not counted on by a hold', () => {
    const bounds = { inputTokens: 1_000, outputTokens: 0, cacheWrite: 'none', webSearches: 0 } as const;
    const base = { provider: 'anthropic', model: 'claude-opus-4-8', media: false, at: AT, ...bounds };
    expect(book.worst({ ...base, terms: { ...LIST_PRICE, serviceTier: 'batch' } })).toBe(5_000_000);
  });
});

describe('the worst case', () => {
  it('is never less than the price of what fits', () => {
    fc.assert(
      fc.property(aCall, fc.nat(500_000), fc.nat(1_000), (call, moreInput, moreOutput) => {
        const price = book.price(priceRequest(call))?.nanoUsd ?? Number.NaN;
        const tight = worstRequest(call);
        expect(book.worst(tight)).toBeGreaterThanOrEqual(price);
        const wide = {
          ...tight,
          inputTokens: tight.inputTokens + moreInput,
          outputTokens: tight.outputTokens + moreOutput,
        };
        expect(book.worst(wide)).toBeGreaterThanOrEqual(book.worst(tight) ?? Number.NaN);
      }),
    );
  });

  it('never falls when an argument grows', () => {
    const grown = (from: WorstRequest): readonly WorstRequest[] => [
      { ...from, webSearches: from.webSearches + 1 },
      { ...from, cacheWrite: '1h' },
      { ...from, cacheWrite: from.cacheWrite === 'none' ? '5m' : from.cacheWrite },
      { ...from, media: true },
      { ...from, terms: { ...from.terms, fast: true } },
    ];
    fc.assert(
      fc.property(aCall, (call) => {
        const from = worstRequest(call);
        for (const to of grown(from)) expect(book.worst(to)).toBeGreaterThanOrEqual(book.worst(from) ?? Number.NaN);
      }),
    );
  });

  it('is a whole number that stays safe, however large the counts', () => {
    fc.assert(
      fc.property(aCall, fc.constantFrom(0, 1, 2 ** 40, Number.MAX_SAFE_INTEGER, 1e300), (call, huge) => {
        const worst = book.worst({ ...worstRequest(call), inputTokens: huge, outputTokens: huge });
        expect(Number.isSafeInteger(worst)).toBe(true);
        expect(worst).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])('refuses a count of %d', (count) => {
    const call = { provider: 'openai', model: 'gpt-5', terms: LIST_PRICE, media: false, at: AT };
    const bounds = { inputTokens: 1, outputTokens: 1, cacheWrite: 'none', webSearches: 0 } as const;
    expect(() => book.worst({ ...call, ...bounds, inputTokens: count })).toThrow(RangeError);
    expect(() => book.worst({ ...call, ...bounds, outputTokens: count })).toThrow(RangeError);
    expect(() => book.price({ ...call, usage: { ...NO_TOKENS, outputTokens: count } })).toThrow(RangeError);
  });

  it('takes a cheaper higher tier at the dearest step below it', () => {
    const steps = [
      { above: -1, femto: 5n },
      { above: 10, femto: 9n },
      { above: 20, femto: 2n },
    ];
    expect([0, 10, 11, 20, 21].map((input) => rateAt(steps, input))).toEqual([5n, 5n, 9n, 9n, 2n]);
    expect([0, 10, 11, 20, 21].map((input) => dearestUpTo(steps, input))).toEqual([5n, 5n, 9n, 9n, 9n]);
  });

  it('never makes a price free by rounding', () => {
    expect([scaled(1e-12, 9), scaled(0, 9), scaled(0.1, 9)]).toEqual([1n, 0n, 100_000_000n]);
    expect(() => scaled(Number.NaN, 9)).toThrow(RangeError);
  });
});

describe('the output that fits', () => {
  it('is the most whose worst case is still within the money', () => {
    fc.assert(
      fc.property(aCall, fc.nat(2_000_000_000_000), (call, nanoUsd) => {
        const request = worstRequest(call);
        const fits = book.outputWithin({ ...request, nanoUsd }) ?? Number.NaN;
        const worst = (outputTokens: number): number => book.worst({ ...request, outputTokens }) ?? Number.NaN;
        if (fits > 0) expect(worst(fits)).toBeLessThanOrEqual(nanoUsd);
        expect(worst(fits + 1)).toBeGreaterThan(nanoUsd);
      }),
    );
  });

  it('is nothing where the input alone does not fit, and unknown where the model is', () => {
    const request = {
      provider: 'anthropic',
      model: 'claude-opus-4-8',
      terms: LIST_PRICE,
      media: false,
      at: AT,
      inputTokens: 1_000,
      cacheWrite: '1h',
      webSearches: 0,
    } as const;
    expect(book.outputWithin({ ...request, nanoUsd: 9_999_999 })).toBe(0);
    expect(book.outputWithin({ ...request, nanoUsd: 10_000_000 + 25_000 * 7 + 24_999 })).toBe(7);
    expect(book.outputWithin({ ...request, model: 'nonesuch', nanoUsd: 1 })).toBeNull();
  });
});
