/** The section `models` and the ceilings of a day: what is read, what is refused and where, what is said. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { describePolicy } from './describe.ts';
import { compileModelGlobs, modelGlobProblem } from './model-globs.ts';
import { parsePolicy } from './parse.ts';
import { MAX_PRICE_USD, parseMultiplier, parsePrice } from './quantities.ts';
import { resolveWithOrigins, type ResolvedWithOrigins } from './resolve.ts';
import { spendNotes } from './spend-notes.ts';

function resolve(text: string, className?: string): ResolvedWithOrigins {
  const file = parsePolicy(`version: 1\nchecks: { unit: npm test }\n${text}`, 'loopwright.yaml');
  return resolveWithOrigins({ file, className, defaults: { agent: 'scripted' } });
}

/** The message for a file whose third line is the first of `text`. */
function refused(text: string): string {
  try {
    resolve(text);
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_INVALID')) return error.message.replaceAll('loopwright.yaml:', '');
    throw error;
  }
  return 'accepted';
}

const priced = (price: string): string => `models:\n  prices:\n    gpt-4.1: { input: ${price}, output: 8 }\n`;

describe('a price', () => {
  it.each([
    ['0', '5:23 `models.prices.gpt-4.1.input`: 0 is not above zero'],
    ['-3', '5:23 `models.prices.gpt-4.1.input`: -3 is not above zero'],
    ['1e9', '5:23 `models.prices.gpt-4.1.input`: 1000000000 is above the largest value, 1000000'],
    ['10001', '5:23 `models.prices.gpt-4.1.input`: 10001 is above the largest value, 10000 a million tokens'],
    [
      '1e-7',
      '5:23 `models.prices.gpt-4.1.input`: 1e-7 is finer than a millionth of a dollar; write US dollars such as `5` or `0.50`',
    ],
    ['.nan', '5:23 NaN is not a finite number; for no ceiling write `unlimited`'],
    [
      'unlimited',
      '5:23 `models.prices.gpt-4.1.input`: "unlimited" is not an amount; write US dollars such as `5` or `0.50`',
    ],
    [
      '[3]',
      '5:23 `models.prices.gpt-4.1.input`: expected US dollars per million tokens such as `3` or `0.25`, not a list',
    ],
  ])('of %s is refused with its place', (price, message) => expect(refused(priced(price))).toBe(message));

  it('is read as people write it', () => {
    const read = (price: string): unknown => resolve(priced(price)).policy.models.prices;
    for (const price of ['3', '3.00', '"$3"', '3 USD'])
      expect(read(price)).toEqual({ 'gpt-4.1': { input: 3, output: 8 } });
  });

  it('needs input and output, and nothing else by another name', () => {
    expect(refused('models: { prices: { m: { input: 1 } } }')).toBe(
      '3:24 `models.prices.m.output` is missing: expected US dollars per million tokens such as `3` or `0.25`',
    );
    expect(refused('models: { prices: { m: { input: 1, output: 2, cache_read: 1 } } }')).toBe(
      '3:47 unknown key `cache_read` in `models.prices.m`; did you mean `cache-read`?',
    );
  });

  it('is for one model by name', () => {
    expect(refused('models: { prices: { "claude-*": { input: 1, output: 2 } } }')).toBe(
      '3:21 "claude-*" is a glob; a price is for one model by its exact name',
    );
  });

  it('that is accepted is above zero and at most the largest', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.float(), fc.integer()), (written) => {
        const parsed = parsePrice(written);
        return !parsed.ok || (parsed.value > 0 && parsed.value <= MAX_PRICE_USD);
      }),
    );
    expect(parsePrice(2.5)).toEqual({ ok: true, value: 2.5 });
  });
});

describe('a multiplier', () => {
  it.each([
    ['0', '3:25 `models.multipliers.fast`: 0 is not above zero'],
    ['-1', '3:25 `models.multipliers.fast`: -1 is not above zero'],
    ['0.001', '3:25 `models.multipliers.fast`: 0.001 is below the smallest factor, 0.01'],
    ['1e300', '3:25 `models.multipliers.fast`: 1e+300 is above the largest value, 100'],
    ['6x', '3:25 `models.multipliers.fast`: "6x" is not a number; write a factor such as `0.5` or `2`'],
    ['.inf', '3:25 Infinity is not a finite number; for no ceiling write `unlimited`'],
  ])('of %s is refused with its place', (factor, message) =>
    expect(refused(`models: { multipliers: { fast: ${factor} } }`).replace('3:32', '3:25')).toBe(message),
  );

  it('that is accepted is a finite number above zero', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.string()), (written) => {
        const parsed = parseMultiplier(written);
        return !parsed.ok || (parsed.value >= 0.01 && parsed.value <= 100);
      }),
    );
    expect(parseMultiplier('0.5')).toEqual({ ok: true, value: 0.5 });
  });
});

describe('the rules of models', () => {
  it.each([
    [
      'allow: []',
      '3:18 `models.allow`: an empty list would refuse every model; give a glob such as `claude-*`, or remove the key',
    ],
    ['allow: ["!x"]', '3:19 `models.allow[0]`: "!x" starts with `!`; name the models that may be used'],
    ['allow: ["a b"]', '3:19 `models.allow[0]`: the glob has a space or a control character'],
    ['unknown-price: free', '3:26 `models.unknown-price`: expected `refuse` or `tokens-only`, not "free"'],
    [
      'hosted-tools: [Web Search]',
      '3:26 `models.hosted-tools[0]`: "Web Search" cannot be the name of a hosted tool; write it as `web_search` or `code_interpreter`',
    ],
    ['max-output-tokens: 0', '3:30 `models.max-output-tokens`: 0 is not above zero'],
    ['max-output-tokens: 11M', '3:30 `models.max-output-tokens`: 11M is above the largest value, 10,000,000'],
    ['quota-attempts: 2000', '3:27 `models.quota-attempts`: 2000 is above the largest value, 1,000'],
    ['keys: x', '3:11 unknown key `keys` in `models`; known keys are'],
  ])('refuse %s', (rule, message) => expect(refused(`models: { ${rule} }`)).toContain(message));

  it('are not for a class to say', () => {
    expect(refused('classes: { fix: { models: { quota-attempts: 1 } } }')).toContain(
      '3:19 unknown key `models` in `classes.fix`',
    );
  });

  it('refuse what only the gateway could keep, where it does not see the calls', () => {
    expect(refused('models: { metering: agent-claims, allow: [a], quota-attempts: 5 }')).toBe(
      [
        '3:35 `allow` needs `metering: gateway`; with `agent-claims` nothing here sees the calls',
        '3:47 `quota-attempts` needs `metering: gateway`; with `agent-claims` nothing here sees the calls',
      ].join('\n'),
    );
    expect(refused('models: { metering: agent-claims, prices: { m: { input: 1, output: 1 } } }')).toBe('accepted');
  });

  it('refuse a price for a model that is not allowed', () => {
    expect(refused('models: { allow: [a-*], prices: { b-1: { input: 1, output: 1 } } }')).toBe(
      '3:35 the price of `b-1` is never used, because `models.allow` refuses that model; allow it, or remove the price',
    );
    expect(refused('models: { allow: [a-*], prices: { a-1: { input: 1, output: 1 } } }')).toBe('accepted');
  });

  it('say where each of them came from', () => {
    const { origins } = resolve(
      'models:\n  allow: ["**"]\n  prices: { m: { input: 1, output: 1 } }\n  multipliers: { fast: 2 }\n',
    );
    expect(origins).toMatchObject({
      'models.allow': 'loopwright.yaml:4',
      'models.prices': 'loopwright.yaml:5',
      'models.prices.m': 'loopwright.yaml:5',
      'models.multipliers.fast': 'loopwright.yaml:6',
      'models.metering': 'default',
    });
  });
});

describe('globs over names of models', () => {
  it.each([
    [['**'], 'openai/gpt-5', true],
    [['claude-*'], 'claude-sonnet-4-5', true],
    [['claude-*'], 'anthropic/claude-sonnet-4-5', false],
    [['openai/**'], 'openai/o3', true],
    [['openai'], 'openai/o3', true],
    [['gpt-4.1'], 'gpt-411', false],
    [['claude-*'], 'Claude-x', false],
    [['**'], '', false],
    [['**'], 'a\nb', false],
    [['**'], 'x'.repeat(301), false],
    [['arn:aws:bedrock:*:*:inference-profile/*'], 'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.m', true],
  ])('%j on %.40s: %s', (globs, model, expected) => {
    expect(globs.map(modelGlobProblem)).toEqual(globs.map(() => null));
    expect(compileModelGlobs(globs)(model)).toBe(expected);
  });
});

describe('the ceilings of a day', () => {
  const text =
    'limits: { daily-cost-usd: { class: 9, all: unlimited } }\nclasses:\n  mine: { limits: { daily-cost-usd: { class: 2 } } }\n';

  it('come from the file, then from its class', () => {
    expect(resolve(text).policy.dailyCostUsd).toEqual({ class: 9, repository: 50, all: 'unlimited' });
    const { policy, origins } = resolve(text, 'mine');
    expect(policy.dailyCostUsd).toEqual({ class: 2, repository: 50, all: 'unlimited' });
    expect(origins).toMatchObject({
      'dailyCostUsd.class': 'loopwright.yaml:5',
      'dailyCostUsd.all': 'loopwright.yaml:3',
      'dailyCostUsd.repository': 'default',
    });
  });

  it.each(['0', '-1', '2000000'])('of %s are refused', (usd) => {
    expect(refused(`limits: { daily-cost-usd: { all: ${usd} } }`)).toMatch(
      /^3:34 `limits\.daily-cost-usd\.all`: .*unlimited/,
    );
  });

  it('that can never be reached are said, and only those', () => {
    const notes = (limits: string): readonly string[] => spendNotes(resolve(`limits: { ${limits} }`).policy);
    expect(notes('cost-usd: 5')).toEqual([]);
    expect(notes('daily-cost-usd: { class: 50 }')).toEqual([]);
    expect(notes('cost-usd: unlimited, daily-cost-usd: { class: unlimited, repository: unlimited, all: 1 }')).toEqual(
      [],
    );
    expect(notes('cost-usd: 30, daily-cost-usd: { repository: 200 }')).toEqual([
      'the ceiling of $30.00 on a run can never be reached: the class in a day may cost $20.00',
      'the ceiling of $200.00 on the repository in a day can never be reached: everything in a day may cost $100.00',
    ]);
  });
});

describe('in words', () => {
  it('a policy says who counts, what is allowed and what is odd', () => {
    const { policy, origins } = resolve('limits: { cost-usd: 30 }\nmodels: { metering: agent-claims }\n');
    const words = describePolicy(policy, origins);
    expect(words).toContain(
      '                    class          $20.00\n'.replace('                    ', 'cost per day        '),
    );
    expect(words).toContain(
      'models              counted by     AGENT: its word, nothing here sees its calls  (loopwright.yaml:4)',
    );
    expect(words.split('\n').at(-1)).toBe(
      'note                the ceiling of $30.00 on a run can never be reached: the class in a day may cost $20.00',
    );
  });

  it('canary: every rule of models is shown', () => {
    const shown = (patch: Partial<ResolvedPolicy['models']>): string => {
      const { policy } = resolve('');
      return describePolicy({ ...policy, models: { ...policy.models, ...patch } });
    };
    const changes: readonly Partial<ResolvedPolicy['models']>[] = [
      { metering: 'agent-claims' },
      { allow: ['x'] },
      { prices: { m: { input: 1, output: 1 } } },
      { multipliers: { fast: 2 } },
      { unknownPrice: 'tokens-only' },
      { hostedTools: ['web_search'] },
      { maxOutputTokens: 7 },
      { quotaAttempts: 7 },
    ];
    expect(new Set([{}, ...changes].map(shown)).size).toBe(changes.length + 1);
  });
});
