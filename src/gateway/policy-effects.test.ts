/**
 * What each key of `models` and of `limits.daily-cost-usd` does to a call. That a key written in a policy arrives as a value is
 * shown beside the schema; here the value meets the gateway. `metering` decides whether there is a gateway at all, and is the
 * engine's.
 */
import { describe, expect, it } from 'vitest';
import { inTurn, message, MODEL, PRICES } from '../../test/support/gateway-room.ts';
import type { Room, RoomOptions } from '../../test/support/gateway-room.ts';
import type { DailyCostLimits, ModelRules, TokenPrices } from '../core/spend.ts';
import { schemaLeaves, schemaRoot } from '../policy/schema-walk.ts';

interface Effect {
  readonly without: RoomOptions;
  readonly with: RoomOptions;
  readonly seen: (room: Room) => Promise<unknown>;
  /** What is seen without the key, and with it. */
  readonly expected: readonly [without: unknown, withKey: unknown];
}

type Models = Partial<ModelRules>;

/** How a call ends: passed on, or refused for a reason. */
async function fate({ ask, refused }: Room): Promise<unknown> {
  const { status } = await ask(message());
  return refused()[0]?.kind ?? status;
}

function whether(without: Models, withKey: Models, expected: Effect['expected']): Effect {
  return { without: { models: without }, with: { models: withKey }, seen: fate, expected };
}

const COUNTED = 1_000;
const SEARCHES = 3;

/** A vendor that bills a thousand tokens of each class of input, and searches. */
const SERVER: NonNullable<RoomOptions['server']> = {
  billing: {
    verbosity: 'limit',
    input: () => ({
      inputTokens: COUNTED,
      cacheReadTokens: COUNTED,
      cacheWrite5mTokens: COUNTED,
      cacheWrite1hTokens: COUNTED,
    }),
  },
  plan: [{ from: 1, behaviour: { kind: 'claim', usage: (truth) => ({ ...truth, webSearches: SEARCHES }) } }],
};

/** Nano-dollars of one such call. */
async function cost({ ask, calls }: Room): Promise<number> {
  await ask(message('x'.repeat(20_000), { max_tokens: COUNTED, speed: 'fast' }));
  const [call] = calls();
  expect(call).toMatchObject({ basis: 'metered', usage: { outputTokens: COUNTED, webSearches: SEARCHES } });
  return call?.costNanoUsd ?? Number.NaN;
}

const LISTED: TokenPrices = { ...PRICES, webSearchPerThousand: 10 };
const ONCE = { fast: 1 };
/** 1,000 tokens of 3 + 15 + 0.3 + 3.75 + 6 USD a million, and three searches of 10 USD a thousand. */
const LIST_COST = 28_050_000 + 30_000_000;

function costing(rules: Models): RoomOptions {
  return { server: SERVER, models: { prices: { [MODEL]: LISTED }, multipliers: ONCE, ...rules } };
}

/** One US dollar more for a million (or a thousand searches): a thousand nano-dollars a token, a million a search. */
function price(name: keyof TokenPrices): Effect {
  const dearer = { ...LISTED, [name]: (LISTED[name] ?? 0) + 1 };
  const more = name === 'webSearchPerThousand' ? SEARCHES * 1_000_000 : COUNTED * 1_000;
  return {
    without: costing({}),
    with: costing({ prices: { [MODEL]: dearer } }),
    seen: cost,
    expected: [LIST_COST, LIST_COST + more],
  };
}

/** Less than one call may cost; every other ceiling has room. */
function daily(name: keyof DailyCostLimits, scope: string): Effect {
  const roomy: DailyCostLimits = { class: 50, repository: 50, all: 50 };
  return {
    without: { request: { daily: roomy } },
    with: { request: { daily: { ...roomy, [name]: 0.001 } } },
    seen: async (room) => {
      await room.ask(message());
      const [refused] = room.refused();
      return [room.server.received.length, refused?.breach?.scope];
    },
    expected: [
      [1, undefined],
      [0, scope],
    ],
  };
}

const SEARCH = { type: 'web_search_20250305', name: 'web_search' };

const EFFECTS: Readonly<Record<string, Effect>> = {
  'models.allow': whether({ allow: ['acme/*'] }, { allow: ['other/*'] }, [200, 'model']),
  'models.prices.*.input': price('input'),
  'models.prices.*.output': price('output'),
  'models.prices.*.cache-read': price('cacheRead'),
  'models.prices.*.cache-write-5m': price('cacheWrite5m'),
  'models.prices.*.cache-write-1h': price('cacheWrite1h'),
  'models.prices.*.web-search-per-1000': price('webSearchPerThousand'),
  'models.multipliers': {
    without: costing({}),
    with: costing({ multipliers: { fast: 2 } }),
    seen: cost,
    // Searches are billed by the piece, whatever the tokens cost.
    expected: [LIST_COST, 2 * 28_050_000 + 30_000_000],
  },
  'models.unknown-price': whether({ prices: {} }, { prices: {}, unknownPrice: 'tokens-only' }, ['model', 200]),
  'models.hosted-tools': {
    without: {},
    with: { models: { hostedTools: ['web_search'] } },
    seen: async ({ ask, server }) => {
      await ask(message('x', { tools: [SEARCH] }));
      return (JSON.parse(server.calls()[0]?.body.toString() ?? '') as { tools?: unknown }).tools;
    },
    expected: [undefined, [SEARCH]],
  },
  'models.max-output-tokens': {
    without: { models: { maxOutputTokens: 2_000 } },
    with: { models: { maxOutputTokens: 3_000 } },
    // What a call holds that asks for no limit, but for its input.
    seen: async ({ ask, calls }) => {
      await ask({ model: MODEL, input: 'hello', store: false, stream: true }, { path: '/v1/responses' });
      const [call] = calls();
      expect(call?.askedOutputLimit).toBe(null);
      return Math.floor((call?.heldNanoUsd ?? 0) / (PRICES.output * 1_000 * 1_000));
    },
    expected: [2, 3],
  },
  'models.quota-attempts': {
    without: { models: { quotaAttempts: 2 } },
    with: { models: { quotaAttempts: 4 } },
    seen: async (room) => {
      await room.ask(message());
      expect(room.refused()[0]?.kind).toBe('quota');
      return room.server.calls().length;
    },
    expected: [2, 4],
  },
  'limits.daily-cost-usd.class': daily('class', 'class'),
  'limits.daily-cost-usd.repository': daily('repository', 'repository'),
  'limits.daily-cost-usd.all': daily('all', 'day'),
};

/** A vendor that turns every call away, and a clock that waits for nobody. */
function surroundings(key: string, options: RoomOptions): RoomOptions {
  if (key !== 'models.quota-attempts') return options;
  const away = { from: 1, behaviour: { kind: 'refuse' as const, status: 529 } };
  return { ...options, server: { plan: [away] }, clock: { sleep: () => Promise.resolve() } };
}

async function observe(key: string, effect: Effect, how: 'without' | 'with'): Promise<unknown> {
  let seen: unknown;
  await inTurn(surroundings(key, effect[how]), async (room) => {
    seen = await effect.seen(room);
  });
  return seen;
}

describe('a key of the policy that the gateway obeys', () => {
  it.each(Object.entries(EFFECTS))('has its effect on a call: %s', async (key, effect) => {
    expect(effect.expected[0]).not.toEqual(effect.expected[1]);
    expect(await observe(key, effect, 'without')).toEqual(effect.expected[0]);
    expect(await observe(key, effect, 'with')).toEqual(effect.expected[1]);
  });

  it('is in the table above, every one but the one that is obeyed elsewhere', () => {
    const keys = schemaLeaves(schemaRoot()).map(({ path }) => path);
    const ours = keys.filter((path) => path.startsWith('models.') || path.startsWith('limits.daily-cost-usd.'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter((path) => path !== 'models.metering').toSorted()).toEqual(Object.keys(EFFECTS).toSorted());
  });
});
