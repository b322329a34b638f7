/**
 * The price book: list prices of `@pydantic/genai-prices`, what a policy says instead, and what multiplies them. The package
 * says which price holds for a model at an instant; the sum is made here, in whole numbers.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { calcPrice } from '@pydantic/genai-prices';
import type { ModelRules, PriceTerms, TokenUsage } from '../../core/spend.ts';
import { createMultipliers, describeMultipliers } from './multipliers.ts';
import type { Multiplier } from './multipliers.ts';
import { bookCard, FEMTO_PER_NANO, policyCard, tokenFemto, worstTokenFemto } from './rates.ts';
import type { RateCard } from './rates.ts';

const PACKAGE = '@pydantic/genai-prices';

/** What is priced, whatever was used of it. */
export interface Priced {
  /** As the price book names providers: `anthropic`, `openai`, `google`, `aws`. */
  readonly provider: string;
  readonly model: string;
  readonly terms: PriceTerms;
  /** The request holds images, audio or documents: its input is at the model's dearest kind of input. */
  readonly media: boolean;
  /** Wall clock, milliseconds since 1970 UTC. The same for a hold and its charge: prices change at an instant. */
  readonly at: number;
}

export interface PriceRequest extends Priced {
  readonly usage: TokenUsage;
}

export interface Price {
  readonly nanoUsd: number;
  readonly source: 'policy' | 'book';
  /** Terms with no multiplier in policy or in the table; the dearest known was taken. Empty: all are known. */
  readonly unknownTerms: readonly string[];
}

export interface WorstRequest extends Priced {
  /** Upper bound, whole tokens, caches included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dearest cache class the request may be billed in. */
  readonly cacheWrite: 'none' | '5m' | '1h';
  readonly webSearches: number;
}

export interface OutputRequest extends Omit<WorstRequest, 'outputTokens'> {
  /** What there is for the whole call, input included. */
  readonly nanoUsd: number;
}

/**
 * Counts have to be whole and not negative, and `at` a time: anything else rejects with a `RangeError`, for it is a mistake of
 * the caller. No amount is over `Number.MAX_SAFE_INTEGER` nano-dollars (9 million USD), which no ceiling lets through.
 */
export interface PriceBook {
  /** Version of the package, and a hash over what policy and the table of multipliers say. Stored with each charge. */
  readonly version: string;
  /** null: nobody knows a price of this model. Rounded up, once. */
  price(request: PriceRequest): Price | null;
  /**
   * Whole nano-dollars the call can cost at most, whatever of the input is read from or written to a cache. Never less than
   * `price` of any usage that fits, under the same terms and time; never falls when an argument grows. A discount (flex,
   * batch) is not counted on. null: nobody knows a price of this model.
   */
  worst(request: WorstRequest): number | null;
  /** Most tokens of output whose `worst` still fits into `nanoUsd`; 0 also where the input alone does not fit. */
  outputWithin(request: OutputRequest): number | null;
}

function wholeCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 0)
      throw new RangeError(`${name} has to be whole and not negative: ${count}`);
  }
}

function roundUp(tokens: bigint, searches: bigint, { numerator, denominator }: Multiplier): number {
  // Searches are billed by the piece: no page of a vendor multiplies them.
  const [total, unit] = [tokens * numerator + searches * denominator, denominator * FEMTO_PER_NANO];
  const nano = (total + unit - 1n) / unit;
  return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano);
}

/** The largest whole number in [0, most] that fits, where whatever is under one that fits fits too; 0 where none does. */
function largest(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function sorted(record: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, typeof value === 'object' && value !== null ? sorted({ ...value }) : value]);
}

function versionOf({ prices, multipliers }: Pick<ModelRules, 'prices' | 'multipliers'>): string {
  const manifest = findPackageJSON(PACKAGE, import.meta.url);
  if (manifest === undefined) throw new Error(`${PACKAGE} has no package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const said = JSON.stringify([sorted(prices), sorted(multipliers), describeMultipliers()]);
  return `${PACKAGE}@${version}+${createHash('sha256').update(said).digest('hex').slice(0, 12)}`;
}

/**
 * The package matches some models by the beginning of their name, so a version that came out after it (Sonnet 5.5) would get
 * the price of the one before (Sonnet 5). A date, a suffix and `[1m]` are not a version.
 */
function isLaterVersion(model: string, matched: string): boolean {
  return model.toLowerCase().startsWith(matched) && /^[-.]\d(?!\d)/.test(model.slice(matched.length));
}

type Found = { readonly card: RateCard; readonly source: Price['source'] };

function createFinder(calc: typeof calcPrice, prices: ModelRules['prices']): (request: Priced) => Found | null {
  const look = ({ provider, model, at, media }: Priced): Found | null => {
    if (!Number.isFinite(at)) throw new RangeError(`at has to be a time in milliseconds: ${at}`);
    const listed = calc({}, model, { providerId: provider, timestamp: new Date(at) });
    const book =
      listed === null || isLaterVersion(model, listed.model.id)
        ? null
        : bookCard(listed.model_price, listed.model.id, media);
    const own = Object.hasOwn(prices, model) ? prices[model] : undefined;
    if (own !== undefined) return { card: policyCard(own, model, book), source: 'policy' };
    return book === null ? null : { card: book, source: 'book' };
  };
  let last: { readonly request: Priced; readonly found: Found | null } | null = null;
  // One call asks a dozen times for the price of the same model at the same instant.
  return (request) => {
    if (last === null || !samePriced(last.request, request)) last = { request, found: look(request) };
    return last.found;
  };
}

function samePriced(one: Priced, other: Priced): boolean {
  const { provider, model, at, media } = one;
  return provider === other.provider && model === other.model && at === other.at && media === other.media;
}

/** Loads the price book: some megabytes, so only what makes or reads model calls does this. */
export async function createPriceBook(rules: Pick<ModelRules, 'prices' | 'multipliers'>): Promise<PriceBook> {
  const { calcPrice } = await import('@pydantic/genai-prices');
  const find = createFinder(calcPrice, rules.prices);
  const multiply = createMultipliers(rules.multipliers);
  const bound = (request: Omit<WorstRequest, 'outputTokens'>): ((outputTokens: number) => number) | null => {
    const { inputTokens, cacheWrite, webSearches } = request;
    wholeCounts({ inputTokens, webSearches });
    const found = find(request);
    if (found === null) return null;
    const { card } = found;
    const times = multiply(request, 'hold');
    return (outputTokens) =>
      roundUp(
        worstTokenFemto(card, { inputTokens, outputTokens, cacheWrite }),
        card.searchFemto * BigInt(webSearches),
        times,
      );
  };
  return {
    version: versionOf(rules),
    price: (request) => {
      wholeCounts({ ...request.usage });
      const found = find(request);
      if (found === null) return null;
      const times = multiply(request, 'charge');
      const searches = found.card.searchFemto * BigInt(request.usage.webSearches);
      const nanoUsd = roundUp(tokenFemto(found.card, request.usage), searches, times);
      return { nanoUsd, source: found.source, unknownTerms: times.unknownTerms };
    },
    worst: (request) => {
      wholeCounts({ outputTokens: request.outputTokens });
      return bound(request)?.(request.outputTokens) ?? null;
    },
    outputWithin: (request) => {
      const worst = bound(request);
      return worst === null ? null : largest(Number.MAX_SAFE_INTEGER, (tokens) => worst(tokens) <= request.nanoUsd);
    },
  };
}
