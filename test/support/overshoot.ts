/**
 * A crowd of callers over one ceiling, in front of a vendor that is late, breaks off and lies, but bills what it was asked
 * for. Half of the callers are killed at random instants. How far does the bill end from the ceiling?
 */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_TOKENS, usdOf } from '../../src/core/spend.ts';
import type { TokenUsage } from '../../src/core/spend.ts';
import { message, openRoom, PRICES, SAY, systemLike } from './gateway-room.ts';
import type { FromCall } from './model-server/behaviour.ts';
import type { Behaviour } from './model-server/behaviour.ts';
import { billNanoUsd } from './model-server/billing.ts';
import type { BilledCall } from './model-server/billing.ts';
import { startModelServer } from './model-server/index.ts';
import type { ModelServer, ModelServerOptions } from './model-server/index.ts';

export interface CrowdOptions {
  readonly ceilingUsd: number;
  readonly callers: number;
  readonly seed: number;
}

export interface Ended {
  /** As the vendor bills it: of an answer that was cut, what was written until then. US dollars. */
  readonly billedUsd: number;
  /** The same if the vendor wrote every cut answer to its limit, as one does that does not look who listens. */
  readonly worstUsd: number;
  readonly chargedUsd: number;
  readonly calls: number;
  readonly killed: number;
  readonly openHolds: number;
}

export type Random = (most: number) => number;

/** Whole numbers from 0 up to `most`, without it, the same for the same seed (a linear congruence, Numerical Recipes). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

type Claim = Extract<Behaviour, { kind: 'claim' }>['usage'];

/** Lies that can be told from the truth without a tokenizer. One that claims a half of it cannot. */
const LIES: readonly Claim[] = [
  'none',
  () => NO_TOKENS,
  (truth) => ({ ...truth, outputTokens: 0 }),
  (truth) => ({ ...truth, inputTokens: -truth.inputTokens }),
  (truth) => ({ ...truth, outputTokens: Number.NaN }),
  (truth) => ({ ...truth, outputTokens: 1e15 }),
  (truth) => ({ ...truth, outputTokens: truth.outputTokens * 100 }),
  (truth) => ({ ...truth, outputTokens: truth.outputTokens + 0.5 }),
];

/** What may happen to one call. An honest and whole answer one time in two. */
function behaviourOf(random: Random): readonly Behaviour[] {
  const late: Behaviour = { kind: 'delay', headersMs: random(12), eventMs: random(4) };
  const odd: readonly Behaviour[] = [
    { kind: 'claim', usage: LIES[random(LIES.length)] ?? 'none' },
    { kind: 'claim', usage: LIES[random(LIES.length)] ?? 'none' },
    { kind: 'cut', events: random(6), how: random(2) === 0 ? 'end' : 'reset' },
    { kind: 'error-event', events: random(6) },
    { kind: 'stall', after: random(2) === 0 ? 'request' : { events: random(6) } },
    { kind: 'refuse', status: 500 },
  ];
  const chosen = odd[random(odd.length * 2)];
  return chosen === undefined ? [late] : [late, chosen];
}

const PLANNED_CALLS = 400;
const SILENCE_MS = 120;
const ANSWER_TOKENS = 1_500;

function serverOptions(random: Random): ModelServerOptions {
  const plan = Array.from({ length: PLANNED_CALLS }, (_, index) =>
    behaviourOf(random).map((behaviour): FromCall => ({ from: index + 1, to: index + 1, behaviour })),
  );
  return { script: SAY, billing: { verbosity: 'limit', reasoningShare: random(2) / 2 }, plan: plan.flat() };
}

function writtenOn(bill: readonly BilledCall[]): readonly BilledCall[] {
  return bill.map((call) => ({
    ...call,
    usage: { ...call.usage, outputTokens: call.outputLimit ?? call.usage.outputTokens },
  }));
}

function bodyOf(random: Random): Record<string, unknown> {
  const stream = random(4) > 0;
  return message('x'.repeat(random(3_000)), { stream, max_tokens: 200 + random(ANSWER_TOKENS) });
}

/** Aborts after a while for one caller in two. */
function lifeOf(caller: number, random: Random): AbortSignal | null {
  return caller % 2 === 0 ? null : AbortSignal.timeout(1 + random(150));
}

function isKilled(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

type Ask = (body: Record<string, unknown>, signal: AbortSignal | null) => Promise<{ readonly goOn: boolean }>;

/** Each calls again and again until it is refused or killed. Resolves to how many were killed in the middle of a call. */
async function crowd({ callers, seed }: CrowdOptions, ask: Ask): Promise<number> {
  let killed = 0;
  const call = async (caller: number): Promise<void> => {
    const random = seeded(seed * 1_000 + caller);
    const life = lifeOf(caller, random);
    await sleep(random(20));
    for (let goOn = true; goOn;) {
      ({ goOn } = await ask(bodyOf(random), life).catch((error: unknown) => {
        if (!isKilled(error)) throw error;
        killed += 1;
        return { goOn: false };
      }));
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return killed;
}

export async function throughGateway(options: CrowdOptions): Promise<Ended> {
  const { ceilingUsd, seed } = options;
  const server = serverOptions(seeded(seed));
  const room = await openRoom({
    server,
    limits: { costUsd: ceilingUsd },
    models: { quotaAttempts: PLANNED_CALLS },
    silenceMs: SILENCE_MS,
    // A vendor that was silent is asked again soon, and not after seconds.
    clock: { sleep: (ms, signal) => systemLike.sleep(Math.min(ms, 20), signal) },
  });
  const turn = room.run.beginTurn(1, { brake: () => undefined, activity: () => undefined });
  const killed = await crowd(options, async (body, signal) => {
    await room.ask(body, signal === null ? {} : { signal });
    return { goOn: room.refused().length === 0 };
  });
  await turn.end();
  await room.close();
  const [balance] = await room.store.ledger.balances([
    { kind: 'run', key: `run:${room.lease.runId}`, nanoUsd: 'unlimited', tokens: 'unlimited' },
  ]);
  return {
    ...billOf(room.server),
    chargedUsd: usdOf(balance?.spent.nanoUsd ?? Number.NaN),
    openHolds: balance?.held.nanoUsd ?? Number.NaN,
    killed,
  };
}

function billOf(server: ModelServer): Pick<Ended, 'billedUsd' | 'worstUsd' | 'calls'> {
  const bill = server.bill();
  return {
    billedUsd: usdOf(billNanoUsd(bill, PRICES)),
    worstUsd: usdOf(billNanoUsd(writtenOn(bill), PRICES)),
    calls: bill.length,
  };
}

/** What an answer says last of its usage, as most budgets read it: what is not there counts as nothing. */
function claimIn(text: string): TokenUsage {
  const last = (name: string): number =>
    Number([...text.matchAll(new RegExp(`"${name}":(\\d+)`, 'g'))].at(-1)?.[1] ?? 0);
  return { ...NO_TOKENS, inputTokens: last('input_tokens'), outputTokens: last('output_tokens') };
}

function askDirectly(url: string, body: unknown, signal: AbortSignal | null): Promise<string> {
  return new Promise((resolve, reject) => {
    const target = new URL('/v1/messages', url);
    const headers = { 'content-type': 'application/json', 'x-api-key': 'own' };
    const outgoing = httpRequest(target, { method: 'POST', headers, ...(signal === null ? {} : { signal }) });
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('close', () => {
        if (signal?.aborted === true) reject(new DOMException('killed', 'AbortError'));
        else resolve(Buffer.concat(chunks).toString());
      });
      incoming.once('error', () => undefined);
    });
    outgoing.setTimeout(SILENCE_MS, () => outgoing.destroy());
    outgoing.on('error', (error) => (isKilled(error) ? reject(error) : resolve('')));
    outgoing.end(JSON.stringify(body));
  });
}

/** The way of others: look at what is spent, call, add what the answer says. */
export async function checkedBefore(options: CrowdOptions): Promise<Ended> {
  const server = await startModelServer(serverOptions(seeded(options.seed)));
  let spentUsd = 0;
  const killed = await crowd(options, async (body, signal) => {
    if (spentUsd >= options.ceilingUsd || server.bill().length >= PLANNED_CALLS) return { goOn: false };
    const claim = claimIn(await askDirectly(server.url, body, signal));
    spentUsd += (claim.inputTokens * PRICES.input + claim.outputTokens * PRICES.output) / 1_000_000;
    return { goOn: true };
  });
  await server.close();
  return { ...billOf(server), chargedUsd: spentUsd, openHolds: 0, killed };
}
