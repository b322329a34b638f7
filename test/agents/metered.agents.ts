/**
 * Real agents behind the real gateway, in the real sandbox without a network: what was metered is what the vendor bills, a
 * ceiling holds whatever an agent does, and no agent gets to see the real key.
 */
import { join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { nanoUsd, totalTokens, usdOf } from '../../src/core/spend.ts';
import type { TokenPrices } from '../../src/core/spend.ts';
import { REAL_KEY } from '../support/gateway-room.ts';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { billedTokens, billNanoUsd } from '../support/model-server/billing.ts';
import type { BillingOptions } from '../support/model-server/billing.ts';
import type { Script } from '../support/model-server/script.ts';
import { passes, PROMPT } from './agent.ts';
import { onMeteredStage, whoHolds } from './metered-stage.ts';
import type { MeteredEnd, MeteredStage } from './metered-stage.ts';
import { versionOf } from './recipe.ts';
import { absent, RECIPES, someAgent } from './recipes/index.ts';

/** A model that never comes to an end, and never says the same twice: clients end one that does. */
const endless: Script = (step) => ({ kind: 'shell', command: `echo ${String(step)}` });

/** Likewise, in steps of some 8,000 tokens: they have no room in what a ceiling leaves at last. */
const endlessLong: Script = (step) => ({
  kind: 'shell',
  command: `echo ${String(step)} # ${'and so on '.repeat(3_200)}`,
});

interface Style {
  readonly style: string;
  readonly script: Script;
  readonly billing: Partial<BillingOptions>;
}

const STYLES: readonly Style[] = [
  { style: 'short steps', script: endless, billing: { verbosity: 'brief' } },
  { style: 'long steps', script: endlessLong, billing: { verbosity: 'brief' } },
  { style: 'answers as long as they may be', script: endless, billing: { verbosity: 'limit' } },
];

const CEILING_USD = 0.5;
/** Less than the shortest answer that is worth a call. */
const TOO_SMALL_USD = 0.01;

/** How each protocol says that an answer ended for want of room. */
const CUT: ReadonlySet<string> = new Set(['max_tokens', 'length', 'max_output_tokens', 'MAX_TOKENS']);

const rows: string[] = [];
afterAll(() => {
  console.log(['what agents did at a ceiling:', ...rows].join('\n'));
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Three opinions of one spend, in nano-dollars: the log's, the ledger's and the vendor's. */
async function opinions({ room }: MeteredStage): Promise<Readonly<Record<'log' | 'ledger' | 'vendor', number>>> {
  const charges = await room.store.ledger.charges(room.lease.runId);
  return {
    log: sum(room.calls().map(({ costNanoUsd }) => costNanoUsd)),
    ledger: sum(charges.map(({ amount }) => amount.nanoUsd)),
    vendor: room.billed(),
  };
}

/** Whatever reached the vendor was a call, is in the log once, and was metered to the token. */
async function expectMetered(stage: MeteredStage): Promise<void> {
  const { room } = stage;
  const bill = room.server.bill();
  const calls = room.calls();
  expect(room.server.received).toHaveLength(calls.length);
  expect(calls.map(({ basis }) => basis)).toEqual(bill.map(() => 'metered'));
  expect(sum(calls.map(({ usage }) => totalTokens(usage)))).toBe(billedTokens(bill));
  const spend = await opinions(stage);
  expect(spend).toEqual({ log: spend.vendor, ledger: spend.vendor, vendor: spend.vendor });
}

function expectSecret(stage: MeteredStage, end: MeteredEnd): void {
  expect([...stage.room.server.keys()]).toEqual([REAL_KEY]);
  expect(whoHolds(REAL_KEY, stage, end)).toEqual([]);
  // The same look finds what is there: a prompt is in what was recorded.
  expect(whoHolds(PROMPT, stage, end)).toContain('blobs');
  const ofRun = whoHolds(stage.room.key, stage, end);
  expect(ofRun.filter((place) => place === 'events' || place === 'blobs')).toEqual([]);
}

function expectDone({ place }: MeteredStage, end: MeteredEnd): void {
  const done = passes(place) && end.code === 0;
  expect(done ? 'done' : `${JSON.stringify(end.end)}\n${end.err}${end.out}`).toBe('done');
}

/** Our own words in what the agent wrote; empty where it wrote none. */
function words({ out, err }: MeteredEnd): string {
  return /loopwright: [^"\\\]}\n]*/.exec(`${out}\n${err}`)?.[0] ?? '';
}

/** For the table. */
function figures({ room }: MeteredStage, end: MeteredEnd): Readonly<Record<string, unknown>> {
  return {
    ceilingUsd: CEILING_USD,
    billedUsd: usdOf(room.billed()),
    calls: room.calls().length,
    cutShort: room.calls().filter(({ finishReason }) => finishReason !== null && CUT.has(finishReason)).length,
    refused: room.refused().length,
    exit: end.code,
    endedBy: end.ended ? 'gateway' : 'itself',
    seconds: Number((end.wallTimeMs / 1_000).toFixed(1)),
    said: words(end),
  };
}

describe.each(RECIPES)('$name, metered', (recipe) => {
  const missing = recipe.program() === null;

  it('does the task without a network, and the metered total is what the vendor bills', async (test) => {
    test.skip(missing, absent(recipe));
    await onMeteredStage({}, async (stage) => {
      const end = await stage.run(recipe);
      expectDone(stage, end);
      expect(end.brake).toBe(null);
      expect(stage.room.calls()).toHaveLength(4 + recipe.extraCalls);
      expect(stage.room.refused()).toEqual([]);
      expect(stage.room.billed()).toBeGreaterThan(0);
      await expectMetered(stage);
      expectSecret(stage, end);
    });
  });

  it.for(STYLES)('never costs more than its ceiling: $style, without end', async ({ style, ...options }, test) => {
    test.skip(missing, absent(recipe));
    await onMeteredStage({ ...options, limits: { costUsd: CEILING_USD } }, async (stage) => {
      const end = await stage.run(recipe);
      const { vendor } = await opinions(stage);
      rows.push(JSON.stringify({ agent: recipe.name, version: versionOf(recipe), style, ...figures(stage, end) }));
      expect(vendor).toBeGreaterThan(0);
      expect(vendor).toBeLessThanOrEqual(nanoUsd(CEILING_USD));
      await expectMetered(stage);
      const breach = { limit: 'costUsd', value: usdOf(vendor), ceiling: CEILING_USD };
      expect(end.brake).toMatchObject({ kind: 'limit', breach });
      expectSecret(stage, end);
    });
  });

  it('spends nothing under a ceiling that is too small for one call, and says what one needs', async (test) => {
    test.skip(missing, absent(recipe));
    await onMeteredStage({ limits: { costUsd: TOO_SMALL_USD } }, async (stage) => {
      const { room } = stage;
      const end = await stage.run(recipe);
      expect(room.server.received).toEqual([]);
      expect(await opinions(stage)).toEqual({ log: 0, ledger: 0, vendor: 0 });
      const [refused] = room.refused();
      expect(refused?.message).toMatch(/^loopwright: .*0\.010 USD, and one more model call may take [\d.]+ USD/);
      // Of several calls at once an agent may show the refusal of any; each says how much one more call may take.
      expect(end.out).toMatch(/loopwright: .*0\.010 USD, and one more model call may take [\d.]+ USD/);
      expect(end.brake).toMatchObject({
        kind: 'limit',
        breach: { limit: 'costUsd', value: 0, ceiling: TOO_SMALL_USD },
      });
    });
  });
});

describe.each(RECIPES.filter(({ overSocket }) => overSocket))('$name over the socket of the gateway', (recipe) => {
  it('does the task without any TCP connection, metered all the same', async (test) => {
    test.skip(recipe.program() === null, absent(recipe));
    await onMeteredStage({}, async (stage) => {
      const end = await stage.run(recipe, { overSocket: true });
      expectDone(stage, end);
      expect(stage.room.calls()).toHaveLength(4);
      await expectMetered(stage);
      expectSecret(stage, end);
    });
  });
});

describe("Claude Code's own sum", () => {
  const model = 'claude-sonnet-4-5-20250929';
  /** As Anthropic lists them for this model; written here so that the vendor's bill is a third opinion. */
  const listed: TokenPrices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 };
  /** Odd numbers of every class, so that no sum comes out round. */
  const everyClass: BillingOptions['input'] = (bodyBytes) => ({
    inputTokens: 7 + Math.floor(bodyBytes / 41),
    cacheReadTokens: Math.floor(bodyBytes / 9),
    cacheWrite5mTokens: Math.floor(bodyBytes / 37),
    cacheWrite1hTokens: Math.floor(bodyBytes / 53),
  });
  const claude = RECIPES.find(({ name }) => name === 'claude');
  if (claude === undefined) throw new Error('there is no recipe for Claude Code');

  it('is the metered total to the micro-dollar, with every class of tokens in it', async (test) => {
    test.skip(claude.program() === null, absent(claude));
    await onMeteredStage({ model, models: { prices: {} }, billing: { input: everyClass } }, async (stage) => {
      const end = await stage.run(claude);
      expectDone(stage, end);
      const { room } = stage;
      const results = end.out.split('\n').filter((line) => line.includes('"type":"result"'));
      const [result] = results.map((line) => JSON.parse(line) as { readonly total_cost_usd: number });
      const metered = sum(room.calls().map(({ costNanoUsd }) => costNanoUsd));
      rows.push(JSON.stringify({ model, calls: room.calls().length, metered, claims: result?.total_cost_usd }));
      expect(results).toHaveLength(1);
      expect(room.calls().length).toBeGreaterThanOrEqual(4);
      expect(room.calls().every(({ model: asked }) => asked === model)).toBe(true);
      expect(metered).toBe(billNanoUsd(room.server.bill(), listed));
      expect(Math.round((result?.total_cost_usd ?? 0) * 1e6)).toBe(Math.round(metered / 1e3));
    });
  });
});

it('canary: under a higher ceiling the same agent costs more', async () => {
  const recipe = someAgent();
  const plan: readonly FromCall[] = [{ from: 4, behaviour: { kind: 'refuse', status: recipe.refusal.status } }];
  const options = { script: endless, billing: { verbosity: 'limit' }, plan, limits: { costUsd: 5 } } as const;
  await onMeteredStage(options, async (stage) => {
    const end = await stage.run(recipe);
    expect(stage.room.billed()).toBeGreaterThan(nanoUsd(CEILING_USD));
    expect(end.brake).toBe(null);
  });
});

it('canary: a key that an agent could reach is found, wherever it lies', async () => {
  const recipe = someAgent();
  await onMeteredStage({}, async (stage) => {
    const end = await stage.run(recipe);
    mkdirSync(join(stage.place.home, 'deep', 'er'), { recursive: true });
    writeFileSync(join(stage.place.home, 'deep', 'er', 'notes'), `the key is ${REAL_KEY}!`);
    writeFileSync(join(stage.place.repository, '.env'), `KEY=${REAL_KEY}`);
    await stage.room.store.putBlob(Buffer.from(REAL_KEY));
    const printed = { ...end, err: `${end.err}${REAL_KEY}` };
    stage.room.events.push({ type: 'tool.stripped', iteration: 1, provider: REAL_KEY, model: '', tools: [] });
    expect(whoHolds(REAL_KEY, stage, printed)).toEqual(['home', 'workspace', 'output', 'events', 'blobs']);
  });
});
