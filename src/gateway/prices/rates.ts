/**
 * What one model costs, in whole femto-US-dollars: exact for every list price there is, so that a sum of tokens needs no
 * floating point. A price of 1 USD per million tokens is 1,000,000,000 femto-dollars a token.
 */
import type { ModelPrice } from '@pydantic/genai-prices';
import type { TokenPrices, TokenUsage } from '../../core/spend.ts';

export const FEMTO_PER_NANO = 1_000_000n;
const FEMTO_DIGITS = 9;
const SEARCHES_PER_PRICE = 1_000n;

/**
 * A search by a vendor whose price nobody here knows, USD per thousand: the dearest list price found (grounding with Google
 * Search on Gemini 2.5, ai.google.dev/gemini-api/docs/pricing). Never free.
 */
const SEARCH_USD_PER_THOUSAND = 35;

/**
 * Price of one token by the input of the call: the last step whose `above` is under the tokens of input. The first step is
 * above -1. Vendors bill a whole call, output included, at the step its input reaches.
 */
export type Steps = readonly { readonly above: number; readonly femto: bigint }[];

type Class = 'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'output';

export type RateCard = Readonly<Record<Class, Steps>> & {
  readonly searchFemto: bigint;
  /** The vendor writes caches nobody asked for (OpenAI, Google); Anthropic only those a request marks. */
  readonly cachesByItself: boolean;
};

/** Decimal digits of a price as a whole number, rounded to nearest; what is not free never becomes free. */
export function scaled(value: number, digits: number): bigint {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`a price has to be finite and not negative: ${value}`);
  const whole = BigInt(value.toFixed(digits).replace('.', ''));
  return whole === 0n && value > 0 ? 1n : whole;
}

function flat(usdPerMillion: number): Steps {
  return [{ above: -1, femto: scaled(usdPerMillion, FEMTO_DIGITS) }];
}

export function rateAt(steps: Steps, inputTokens: number): bigint {
  return steps.findLast(({ above }) => inputTokens > above)?.femto ?? 0n;
}

/** Dearest price of a call with at most this input. Not the price at this input: a higher step may be cheaper. */
export function dearestUpTo(steps: Steps, inputTokens: number): bigint {
  return steps.reduce((most, { above, femto }) => (inputTokens > above && femto > most ? femto : most), 0n);
}

/** At every input the dearest of the two. */
function dearest(one: Steps, other: Steps): Steps {
  const starts = [...new Set([...one, ...other].map(({ above }) => above))].sort((a, b) => a - b);
  return starts.map((above) => {
    const [left, right] = [rateAt(one, above + 1), rateAt(other, above + 1)];
    return { above, femto: left > right ? left : right };
  });
}

/** A hundredth of each step times `percent`, rounded up. */
function percentOf(steps: Steps, percent: bigint): Steps {
  return steps.map(({ above, femto }) => ({ above, femto: (femto * percent + 99n) / 100n }));
}

function search(usdPerThousand: number): bigint {
  return scaled(usdPerThousand, FEMTO_DIGITS + 6) / SEARCHES_PER_PRICE;
}

function isClaude(model: string): boolean {
  return model.toLowerCase().includes('claude');
}

type Listed = NonNullable<ModelPrice[string]>;

function stepsOf(listed: Listed): Steps {
  if (typeof listed === 'number') return flat(listed);
  const tiers = listed.tiers.map(({ start, price }) => ({ above: start, femto: scaled(price, FEMTO_DIGITS) }));
  return [...flat(listed.base), ...tiers.sort((a, b) => a.above - b.above)];
}

/** What the book bills by that is not a token or a search of the web: audio by the hour, calls by the piece. */
function billsOtherwise(prices: ModelPrice): boolean {
  return Object.keys(prices).some((key) => !/_mtok$|^(?:web|storage)_searches_kcount$/.test(key));
}

/**
 * The card of a model in the price book, or null where the book has no price for a token in or out, or bills the model by
 * what is not metered here: such a model is unknown, not free. Usage has one class of input and one of output, so output is
 * at the dearest kind the model has (text, image, audio), and so is input of a request with `media`. A price for writing a
 * cache that the book lacks is 1.25 times input for five minutes and twice input for an hour where the model is a Claude:
 * the book knows no hour on Bedrock (platform.claude.com/docs/en/build-with-claude/prompt-caching).
 */
export function bookCard(prices: ModelPrice, model: string, media: boolean): RateCard | null {
  const of = (key: string): Steps | null => (prices[key] === undefined ? null : stepsOf(prices[key]));
  const kinds = (pattern: RegExp, base: Steps): Steps =>
    Object.entries(prices).reduce(
      (most, [key, listed]) => (pattern.test(key) && listed !== undefined ? dearest(most, stepsOf(listed)) : most),
      base,
    );
  const [text, answer] = [of('input_mtok'), of('output_mtok')];
  if (text === null || answer === null || billsOtherwise(prices)) return null;
  const input = media ? kinds(/^input_\w+_mtok$/, text) : text;
  const read = of('cache_read_mtok') ?? input;
  const claude = isClaude(model);
  const write = of('cache_write_mtok');
  const cacheWrite5m = of('cache_write_5m_mtok') ?? write ?? percentOf(input, claude ? 125n : 100n);
  const searchUsd = prices['web_searches_kcount'];
  return {
    input,
    cacheRead: media ? kinds(/^cache_\w+_read_mtok$/, read) : read,
    cacheWrite5m,
    cacheWrite1h: of('cache_write_1h_mtok') ?? dearest(cacheWrite5m, percentOf(input, 200n)),
    output: kinds(/^output_\w+_mtok$/, answer),
    searchFemto: search(typeof searchUsd === 'number' ? searchUsd : SEARCH_USD_PER_THOUSAND),
    cachesByItself: !claude,
  };
}

/** The card of a price in policy. `known`: what the book says of the model, for the price of a search. */
export function policyCard(prices: TokenPrices, model: string, known: RateCard | null): RateCard {
  const input = flat(prices.input);
  const given = (usd: number | undefined, otherwise: Steps): Steps => (usd === undefined ? otherwise : flat(usd));
  return {
    input,
    cacheRead: given(prices.cacheRead, input),
    cacheWrite5m: given(prices.cacheWrite5m, percentOf(input, 125n)),
    cacheWrite1h: given(prices.cacheWrite1h, percentOf(input, 200n)),
    output: flat(prices.output),
    searchFemto:
      prices.webSearchPerThousand === undefined
        ? (known?.searchFemto ?? search(SEARCH_USD_PER_THOUSAND))
        : search(prices.webSearchPerThousand),
    cachesByItself: !isClaude(model),
  };
}

/** Femto-dollars of the tokens alone, at the step that all input together reaches. */
export function tokenFemto(card: RateCard, usage: TokenUsage): bigint {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, outputTokens } = usage;
  const input = inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
  const of = (name: Class, tokens: number): bigint => rateAt(card[name], input) * BigInt(tokens);
  return (
    of('input', inputTokens) +
    of('cacheRead', cacheReadTokens) +
    of('cacheWrite5m', cacheWrite5mTokens) +
    of('cacheWrite1h', cacheWrite1hTokens) +
    of('output', outputTokens)
  );
}

export interface Bounds {
  /** Upper bound. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheWrite: 'none' | '5m' | '1h';
}

/** Femto-dollars of the dearest tokens that fit: every token of input in the dearest class, at the dearest step reached. */
export function worstTokenFemto(card: RateCard, { inputTokens, outputTokens, cacheWrite }: Bounds): bigint {
  const classes: Class[] = ['input', 'cacheRead'];
  if (cacheWrite !== 'none' || card.cachesByItself) classes.push('cacheWrite5m');
  if (cacheWrite === '1h') classes.push('cacheWrite1h');
  const rates = classes.map((name) => dearestUpTo(card[name], inputTokens));
  const most = rates.reduce((a, b) => (a > b ? a : b));
  return most * BigInt(inputTokens) + dearestUpTo(card.output, inputTokens) * BigInt(outputTokens);
}
