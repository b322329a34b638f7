/**
 * What model calls use and what that costs.
 *
 * Money is whole nano-US-dollars (1 USD = 1,000,000,000). A cached token at 0.30 USD per million costs 300 of them, which
 * whole micro-dollars cannot hold, and sums of floating dollars drift (docs/decisions/0010). People see dollars.
 */
import type { Ceiling } from './limit.ts';

export const NANO_USD_PER_USD = 1_000_000_000;

/** Whole nano-dollars, rounded up: what is shown as spent is never less than what was. */
export function nanoUsd(usd: number): number {
  const nano = usd * NANO_USD_PER_USD;
  const whole = Math.round(nano);
  // What two roundings of a double can be off by, and a thousandth of the smallest amount: no part of what was meant.
  const noise = Math.abs(nano) * 4 * Number.EPSILON + 0.001;
  return Math.abs(nano - whole) <= noise ? whole : Math.ceil(nano);
}

export function usdOf(nano: number): number {
  return nano / NANO_USD_PER_USD;
}

/** Tokens of one call by the class they are billed in. Whole numbers; the classes do not overlap. */
export interface TokenUsage {
  /** Input that was neither read from a cache nor written to one. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  /** Part of `outputTokens`. For people; not billed apart. */
  readonly reasoningTokens: number;
  /** Searches the vendor made on the model's behalf, billed by the piece. */
  readonly webSearches: number;
}

export const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  webSearches: 0,
};

/** Everything that went in or out: what the limit on tokens counts. */
export function totalTokens(usage: TokenUsage): number {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, outputTokens } = usage;
  return inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens + outputTokens;
}

/** What multiplies a list price, as the request asked for it or the response said it was served. */
export interface PriceTerms {
  /** `standard`, `flex`, `priority`, `batch` or what else the vendor names; null where nothing was said. */
  readonly serviceTier: string | null;
  /** Anthropic's `speed: fast`. */
  readonly fast: boolean;
  /** Anthropic's `inference_geo`; null where nothing was said. */
  readonly geography: string | null;
}

export const LIST_PRICE: PriceTerms = { serviceTier: null, fast: false, geography: null };

/**
 * How a charge came to its figure. `metered`: the vendor's last word. `estimated`: the stream ended before it, or the vendor
 * said nothing that can be believed. `capped`: the vendor claims more than the call could have used; the whole hold is
 * charged and the claim is kept. `expired`: nobody settled the hold in time, so it counts as spent.
 */
export type ChargeBasis = 'metered' | 'estimated' | 'capped' | 'expired';

/** One scope of the ledger. A call is held against every scope it belongs to, or against none. */
export type ScopeKind = 'run' | 'class' | 'repository' | 'day';

/** Per UTC day, over every run of this state directory. US dollars. */
export interface DailyCostLimits {
  readonly class: Ceiling;
  readonly repository: Ceiling;
  readonly all: Ceiling;
}

/** US dollars per million tokens, as vendors list them; searches per thousand. */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
  /** Default: the price of input. */
  readonly cacheRead?: number;
  /** Default: 1.25 times the price of input. */
  readonly cacheWrite5m?: number;
  /** Default: twice the price of input. */
  readonly cacheWrite1h?: number;
  readonly webSearchPerThousand?: number;
}

/** What a policy says of model calls. Where keys are and where calls go is never said here but by the host. */
export interface ModelRules {
  /** Who counts: the gateway, which every call passes, or the agent, whose own login is left alone and whose word it is. */
  readonly metering: 'gateway' | 'agent-claims';
  /** Globs over names of models; a call for any other is refused. */
  readonly allow: readonly string[];
  /** By exact name of the model; comes before the price book. */
  readonly prices: Readonly<Record<string, TokenPrices>>;
  /** By name of the term (`priority`, `flex`, `batch`, `fast`, `geography`); comes before the built-in ones. */
  readonly multipliers: Readonly<Record<string, number>>;
  /** A model without a price: refuse it, or let the limit on tokens alone hold. */
  readonly unknownPrice: 'refuse' | 'tokens-only';
  /** Hosted tools of vendors (`web_search`) that may stay in requests. Every other one is taken out. */
  readonly hostedTools: readonly string[];
  /** Longest answer any allowed model can give, tokens; held where a request names no limit. */
  readonly maxOutputTokens: number;
  /** Calls over the whole run that the vendor turned away for quota or overload, before the run gives up. */
  readonly quotaAttempts: number;
}
