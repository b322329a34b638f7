/** The section `models`: which models may be called, what they cost and who counts. Never where keys are. */
import * as z from 'zod';
import type { ModelsSection, PriceSection } from './content.ts';
import { modelGlobProblem, modelNameProblem } from './model-globs.ts';
import { DEFAULT_MODELS, MAX_ANSWER_TOKENS, MAX_QUOTA_ATTEMPTS } from './model-rules.ts';
import { formatCount, parseCount, parseMultiplier, parsePrice, type Parsed } from './quantities.ts';
import { notTooMany, quantity, text } from './schema-forms.ts';

const price = (description: string, preset?: string): z.ZodType<number> =>
  quantity(parsePrice, 'expected US dollars per million tokens such as `3` or `0.25`', {
    description,
    kind: 'US dollars',
    ...(preset === undefined ? { examples: [3] } : { preset }),
  });

const priceSchema: z.ZodType<PriceSection> = z.strictObject({
  input: price('US dollars per million tokens of input, outside of any cache.'),
  output: price('US dollars per million tokens of output, reasoning included.'),
  'cache-read': price('US dollars per million tokens read from a cache.', 'the price of input').optional(),
  'cache-write-5m': price(
    'US dollars per million tokens written to a cache for 5 minutes.',
    '1.25 times the price of input',
  ).optional(),
  'cache-write-1h': price(
    'US dollars per million tokens written to a cache for an hour.',
    'twice the price of input',
  ).optional(),
  'web-search-per-1000': price(
    'US dollars per thousand searches that the vendor makes itself.',
    'that of the price book',
  ).optional(),
});

/** A whole number up to a largest one. */
function count(most: number, preset: number, description: string): z.ZodType<number> {
  const parse = (written: string | number): Parsed => {
    const parsed = parseCount(written);
    if (!parsed.ok || parsed.value <= most) return parsed;
    return { ok: false, problem: `${written} is above the largest value, ${formatCount(most)}` };
  };
  return quantity(parse, 'expected a whole number', { description, default: preset, kind: 'count' });
}

const TERM = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const term = text((value) =>
  TERM.test(value)
    ? null
    : `"${value}" cannot be the name of a term; known are \`flex\`, \`priority\`, \`batch\`, \`fast\`, \`geography\`, and what else a vendor calls a service tier`,
).meta({ pattern: TERM.source });

const hostedTool = text((value) =>
  /^[a-z][a-z0-9_]{0,63}$/.test(value)
    ? null
    : `"${value}" cannot be the name of a hosted tool; write it as \`web_search\` or \`code_interpreter\``,
);

export const modelsSchema: z.ZodType<ModelsSection> = z
  .strictObject({
    metering: z.enum(['gateway', 'agent-claims']).optional().meta({
      description:
        'Who counts tokens and money: `gateway`, which every call passes; or `agent-claims`: the login of the agent is left alone and what it says is taken, and labelled, as its word.',
      default: DEFAULT_MODELS.metering,
    }),
    allow: z
      .array(text(modelGlobProblem))
      .min(1, 'an empty list would refuse every model; give a glob such as `claude-*`, or remove the key')
      .max(200, 'more than 200 globs; use wider ones')
      .optional()
      .meta({
        description: 'Globs over names of models. A call for any other model is refused.',
        default: [...DEFAULT_MODELS.allow],
        examples: [['claude-*', 'openai/**']],
      }),
    prices: z.record(text(modelNameProblem), priceSchema).superRefine(notTooMany).optional().meta({
      description: 'Prices by exact name of the model. They come before the price book.',
      preset: 'the price book',
    }),
    multipliers: z
      .record(
        term,
        quantity(parseMultiplier, 'expected a factor such as `0.5` or `2`', {
          description: 'Factor on the price.',
          kind: 'factor',
        }),
      )
      .superRefine(notTooMany)
      .optional()
      .meta({
        description:
          'Factors on the price, by name of the term it was asked for or served under: `priority`, `flex`, `batch`, `fast`, `geography`.',
        preset: 'the built-in factors of each vendor',
        kind: 'map of factors',
        examples: [{ fast: 6, batch: 0.5 }],
      }),
    'unknown-price': z.enum(['refuse', 'tokens-only']).optional().meta({
      description:
        'A model without a price: its calls are refused, or only `limits.tokens` holds them (say so for a model of your own that costs nothing).',
      default: DEFAULT_MODELS.unknownPrice,
    }),
    'hosted-tools': z
      .array(hostedTool)
      .max(50, 'more than 50 names')
      .optional()
      .meta({
        description:
          'Tools of vendors, run on their side, that may stay in requests. Every other one is taken out, which the log says.',
        preset: 'none',
        examples: [['web_search']],
      }),
    'max-output-tokens': count(
      MAX_ANSWER_TOKENS,
      DEFAULT_MODELS.maxOutputTokens,
      'Longest answer any allowed model can give. Held where a request names no limit of its own.',
    ).optional(),
    'quota-attempts': count(
      MAX_QUOTA_ATTEMPTS,
      DEFAULT_MODELS.quotaAttempts,
      'Calls over the whole run that a vendor turned away for quota or overload, before the run gives up.',
    ).optional(),
  })
  .meta({
    description: 'Which models may be called and what they cost. Where keys are is said by the host, never here.',
  });
