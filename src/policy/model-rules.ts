/** The rules of model calls and the ceilings of a day: their defaults, and from the file to what a run obeys. */
import type { Ceiling } from '../core/limit.ts';
import type { DailyCostLimits, ModelRules, TokenPrices } from '../core/spend.ts';
import { DEFAULT_DAILY_COST_USD } from './classes.ts';
import type { PolicyFile, PriceSection } from './content.ts';
import { pick, type Layer } from './layers.ts';
import { fileOrigin, type Notes } from './origins.ts';

export const DEFAULT_MODELS: ModelRules = {
  metering: 'gateway',
  allow: ['**'],
  prices: {},
  multipliers: {},
  unknownPrice: 'refuse',
  hostedTools: [],
  // The next power of two above 128,000, the longest answer that vendors document for what coding agents use.
  maxOutputTokens: 131_072,
  quotaAttempts: 10,
};

/** Some eighty times the default: above it, it is a slip of the pen. */
export const MAX_ANSWER_TOKENS = 10_000_000;
export const MAX_QUOTA_ATTEMPTS = 1_000;

function pricesOf(section: PriceSection): TokenPrices {
  const optional = {
    cacheRead: section['cache-read'],
    cacheWrite5m: section['cache-write-5m'],
    cacheWrite1h: section['cache-write-1h'],
    webSearchPerThousand: section['web-search-per-1000'],
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { input: section.input, output: section.output, ...Object.fromEntries(given) };
}

/** Where a map as a whole stands, and each of its entries. */
function noteEntries(
  notes: Notes,
  key: 'prices' | 'multipliers',
  entries: Readonly<Record<string, unknown>> | undefined,
  at: (key: string) => string,
): void {
  if (entries === undefined) return;
  notes.origins[`models.${key}`] = at(key);
  for (const name of Object.keys(entries)) notes.origins[`models.${key}.${name}`] = at(`${key}.${name}`);
}

/** Only the top of the file says it: what a model costs does not depend on the task. */
export function resolveModels(notes: Notes, file: PolicyFile | null): ModelRules {
  const section = file?.content.models;
  const at = (key: string): string => (file === null ? 'default' : fileOrigin(file, `models.${key}`));
  const of = <T>(field: keyof ModelRules, key: string, first: T, value: T | undefined): T =>
    pick<T>(notes, `models.${field}`, { value: first, origin: 'default' }, [{ value, origin: at(key) }]);
  for (const key of ['prices', 'multipliers'] as const) noteEntries(notes, key, section?.[key], at);
  const prices = Object.entries(section?.prices ?? {}).map(([model, written]) => [model, pricesOf(written)] as const);
  return {
    metering: of('metering', 'metering', DEFAULT_MODELS.metering, section?.metering),
    allow: of<readonly string[]>('allow', 'allow', DEFAULT_MODELS.allow, section?.allow),
    prices: Object.fromEntries(prices),
    multipliers: { ...section?.multipliers },
    unknownPrice: of('unknownPrice', 'unknown-price', DEFAULT_MODELS.unknownPrice, section?.['unknown-price']),
    hostedTools: of<readonly string[]>(
      'hostedTools',
      'hosted-tools',
      DEFAULT_MODELS.hostedTools,
      section?.['hosted-tools'],
    ),
    maxOutputTokens: of(
      'maxOutputTokens',
      'max-output-tokens',
      DEFAULT_MODELS.maxOutputTokens,
      section?.['max-output-tokens'],
    ),
    quotaAttempts: of('quotaAttempts', 'quota-attempts', DEFAULT_MODELS.quotaAttempts, section?.['quota-attempts']),
  };
}

/** As every limit: the file, then its class sections from general to special. */
export function resolveDailyCost(notes: Notes, layers: readonly Layer[]): DailyCostLimits {
  const of = (scope: keyof DailyCostLimits): Ceiling =>
    pick<Ceiling>(
      notes,
      `dailyCostUsd.${scope}`,
      { value: DEFAULT_DAILY_COST_USD[scope], origin: 'default' },
      layers.map(({ sections, originOf }) => ({
        value: sections.limits?.['daily-cost-usd']?.[scope],
        origin: originOf(`limits.daily-cost-usd.${scope}`),
      })),
    );
  return { class: of('class'), repository: of('repository'), all: of('all') };
}
