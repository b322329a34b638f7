/** What a service tier, fast mode and the place of inference do to a list price. */
import type { ModelRules, PriceTerms } from '../../core/spend.ts';
import { scaled } from './rates.ts';

const DIGITS = 6;
const ONE = 1_000_000n;

interface Known {
  readonly term: 'priority' | 'flex' | 'batch' | 'fast' | 'geography';
  readonly provider: RegExp;
  readonly model: RegExp;
  readonly times: number;
}

const ANY = /./;

/**
 * The first that fits counts. A discount never lowers a hold. Read in November 2026:
 * - fast: 6 times standard on Opus 4.6 and 4.7, twice on Opus 4.8, 5 and 5.5
 *   (platform.claude.com/docs/en/build-with-claude/fast-mode).
 * - geography: `us` is 1.1 times every token (platform.claude.com/docs/en/about-claude/pricing, data residency).
 * - priority: 12.50 USD for 5.00 on GPT-5.5, 3.50 for 2.00 on GPT-4.1, 0.45 for 0.25 on GPT-5 mini, twice on the other GPT-5
 *   to 5.4 (openai.com/api-priority-processing); "75% to 100% more" at Google, so twice
 *   (ai.google.dev/gemini-api/docs/optimization); Anthropic sells it as capacity paid in advance, drawn down in
 *   proportion to list prices (platform.claude.com/docs/en/api/service-tiers).
 * - flex and batch: half, by the same pages and platform.openai.com/docs/pricing.
 */
const KNOWN: readonly Known[] = [
  { term: 'priority', provider: /^anthropic$/, model: ANY, times: 1 },
  { term: 'priority', provider: /^google$/, model: ANY, times: 2 },
  { term: 'priority', provider: /^openai$/, model: /^gpt-5\.5(?:-\d|$)/, times: 2.5 },
  { term: 'priority', provider: /^openai$/, model: /^gpt-4\.1(?:-\d|$)/, times: 1.75 },
  { term: 'priority', provider: /^openai$/, model: /^gpt-5-mini/, times: 1.8 },
  { term: 'priority', provider: /^openai$/, model: /^gpt-5(?:\.[1-4])?(?:-|$)/, times: 2 },
  { term: 'flex', provider: ANY, model: ANY, times: 0.5 },
  { term: 'batch', provider: ANY, model: ANY, times: 0.5 },
  { term: 'fast', provider: ANY, model: /claude-opus-4[-.][67]/, times: 6 },
  { term: 'fast', provider: ANY, model: /claude-opus-(?:4[-.]8|5)(?!\d)/, times: 2 },
  { term: 'geography', provider: ANY, model: ANY, times: 1.1 },
];

/** Names of the ordinary tier, and of leaving the choice to the account. */
const LIST_TIERS = new Set(['', 'default', 'standard', 'standard_only', 'on_demand', 'auto']);
/** What a vendor says where the place was not chosen. */
const ANYWHERE = new Set(['', 'global', 'not_available']);
const US_ONLY = 'us';

/** Written into the version of the prices a charge was made with. */
export function describeMultipliers(): string {
  return KNOWN.map(({ term, provider, model, times }) => `${term} ${provider.source} ${model.source} ${times}`).join(
    '\n',
  );
}

interface Applied {
  readonly times: bigint;
  /** The term as the vendor names it, where neither policy nor the table knows it. */
  readonly unknown: string | null;
}

export interface Multiplier {
  /** Product of all, as a fraction. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly unknownTerms: readonly string[];
}

interface Call {
  readonly provider: string;
  readonly model: string;
  readonly terms: PriceTerms;
}

function dearest(terms: readonly string[]): number {
  return KNOWN.reduce((most, { term, times }) => (terms.includes(term) ? Math.max(most, times) : most), 1);
}

/**
 * A term that neither policy nor the table knows takes the dearest multiplier known for its kind, in a hold as in a charge,
 * and is named in `unknownTerms`: never free, never under. A policy names the right one.
 */
export function createMultipliers(
  overrides: ModelRules['multipliers'],
): (call: Call, use: 'hold' | 'charge') => Multiplier {
  const find = ({ provider, model }: Call, name: string): number | undefined => {
    if (Object.hasOwn(overrides, name)) return overrides[name];
    const fits = (known: Known): boolean =>
      known.term === name && known.provider.test(provider) && known.model.test(model.toLowerCase());
    return KNOWN.find(fits)?.times;
  };
  const applied = (times: number, unknown: string | null = null): Applied => ({
    times: scaled(times, DIGITS),
    unknown,
  });
  const tier = (call: Call): Applied => {
    const name = call.terms.serviceTier?.toLowerCase() ?? '';
    if (LIST_TIERS.has(name) && !Object.hasOwn(overrides, name)) return applied(1);
    const times = find(call, name);
    if (times !== undefined) return applied(times);
    return applied(dearest(['priority', 'flex', 'batch']), `service tier ${name}`);
  };
  const speed = (call: Call): Applied => {
    if (!call.terms.fast) return applied(1);
    const times = find(call, 'fast');
    return times === undefined ? applied(dearest(['fast']), 'fast mode') : applied(times);
  };
  const place = (call: Call): Applied => {
    const name = call.terms.geography?.toLowerCase() ?? '';
    if (ANYWHERE.has(name)) return applied(1);
    const times = find(call, 'geography') ?? dearest(['geography']);
    return applied(times, name === US_ONLY || Object.hasOwn(overrides, 'geography') ? null : `geography ${name}`);
  };
  return (call, use) => {
    const all = [tier(call), speed(call), place(call)];
    const raised = all.map(({ times }) => (use === 'hold' && times < ONE ? ONE : times));
    return {
      numerator: raised.reduce((product, times) => product * times, 1n),
      denominator: ONE ** BigInt(all.length),
      unknownTerms: all.flatMap(({ unknown }) => (unknown === null ? [] : [unknown])),
    };
  };
}
