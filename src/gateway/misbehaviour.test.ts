/** A vendor that misbehaves. What a call may have cost is charged, marked with how sure that is, and never more than was held. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ALL_DIALECTS, inTurn, message, MODEL, PRICES, REAL_KEY, systemLike } from '../../test/support/gateway-room.ts';
import type { Room, RoomOptions } from '../../test/support/gateway-room.ts';
import { billNanoUsd } from '../../test/support/model-server/billing.ts';
import type { Behaviour } from '../../test/support/model-server/behaviour.ts';
import { startVendor, streamBegin, streamEnd } from '../../test/support/vendor.ts';
import type { Vendor } from '../../test/support/vendor.ts';
import { NO_TOKENS, nanoUsd, totalTokens } from '../core/spend.ts';
import type { DialectId } from '../ports/gateway.ts';
import type { Charge } from '../ports/ledger.ts';

const CEILING_USD = 5;
/** Waits for a vendor that turns calls away are over at once. */
const HASTY = { clock: { sleep: (ms: number, signal?: AbortSignal) => systemLike.sleep(Math.min(ms, 5), signal) } };

/** What is true of every run, whatever happened. Gives the charges back. */
async function expectSound(room: Room): Promise<readonly Charge[]> {
  const scope = { kind: 'run', key: `run:${room.lease.runId}`, nanoUsd: 'unlimited', tokens: 'unlimited' } as const;
  const [balance] = await room.store.ledger.balances([scope]);
  expect(balance?.held).toEqual({ nanoUsd: 0, tokens: 0 });
  const charges = await room.store.ledger.charges(room.lease.runId);
  const charged = charges.reduce((sum, { amount }) => sum + amount.nanoUsd, 0);
  expect(charged).toBeLessThanOrEqual(nanoUsd(CEILING_USD));
  // Also if the vendor wrote on to the limit after it was cut.
  const worst = room.server
    .bill()
    .map((call) => ({ ...call, usage: { ...call.usage, outputTokens: call.outputLimit ?? call.usage.outputTokens } }));
  const cut = room.server.bill().map((call, at) => (call.complete ? call : (worst[at] ?? call)));
  expect(charged).toBeGreaterThanOrEqual(billNanoUsd(cut, PRICES));
  for (const call of room.calls()) {
    const charge = charges.find(({ callId }) => callId === call.callId);
    expect(call.costNanoUsd).toBe(charge?.amount.nanoUsd);
    expect(call.basis).toBe(charge?.basis);
    expect(totalTokens(call.usage)).toBe(charge?.amount.tokens);
  }
  return charges;
}

function requestOf(dialect: DialectId, stream: boolean): { path: string; body: unknown } {
  const messages = [{ role: 'user', content: 'hello' }];
  if (dialect === 'openai-responses')
    return { path: '/v1/responses', body: { model: MODEL, stream, input: 'hello', max_output_tokens: 4_096 } };
  if (dialect === 'openai-chat')
    return { path: '/v1/chat/completions', body: { model: MODEL, stream, messages, max_tokens: 4_096 } };
  if (dialect !== 'gemini') return { path: '/v1/messages', body: message('hello', { stream }) };
  const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const contents = [{ role: 'user', parts: [{ text: 'hello' }] }];
  return { path: `/v1beta/models/gem:${verb}`, body: { contents, generationConfig: { maxOutputTokens: 4_096 } } };
}

const MODELS = { prices: { [MODEL]: PRICES, gem: PRICES }, quotaAttempts: 2 };

function misbehaving(behaviour: Behaviour, more: RoomOptions = {}): RoomOptions {
  const server = { billing: { verbosity: 'limit' as const }, plan: [{ from: 1, behaviour }], ...more.server };
  // Short only where silence is what is tried: a slow machine is silent at times.
  const silence = behaviour.kind === 'stall' ? { silenceMs: 150 } : {};
  return { models: MODELS, limits: { costUsd: CEILING_USD }, ...silence, ...HASTY, ...more, server };
}

type Claim = Extract<Behaviour, { kind: 'claim' }>['usage'];

const LIES: readonly (readonly [string, Claim, string])[] = [
  ['none', 'none', 'estimated'],
  ['nothing but zeros', () => NO_TOKENS, 'estimated'],
  ['less output than at the start', (truth) => ({ ...truth, outputTokens: 0 }), 'estimated'],
  ['less input than a thirtieth of the bytes', (truth) => ({ ...truth, inputTokens: 1 }), 'estimated'],
  ['a negative count', (truth) => ({ ...truth, outputTokens: -5 }), 'estimated'],
  ['not a number', (truth) => ({ ...truth, outputTokens: Number.NaN }), 'estimated'],
  ['half a token', (truth) => ({ ...truth, inputTokens: 0.5 }), 'estimated'],
  ['more than any model has', (truth) => ({ ...truth, outputTokens: 1e15 }), 'estimated'],
  ['more than was asked for', (truth) => ({ ...truth, outputTokens: truth.outputTokens + 10_000 }), 'capped'],
  ['the truth', (truth) => truth, 'metered'],
];

describe('usage that a vendor claims', () => {
  it.each(LIES)('is charged as it deserves: %s', async (_what, usage, basis) => {
    await inTurn(misbehaving({ kind: 'claim', usage }), async (room) => {
      expect((await room.ask(message('hello'))).status).toBe(200);
      await room.endTurn();
      await expectSound(room);
      const [call] = room.calls();
      expect(call?.basis).toBe(basis);
      if (basis === 'metered') expect(call?.costNanoUsd).toBe(room.billed());
      else expect(call).toMatchObject({ costNanoUsd: call?.heldNanoUsd });
      expect(call?.problem === null).toBe(basis === 'metered');
    });
  });
});

const BREAKS: readonly (readonly [string, Behaviour])[] = [
  ['is silent after the request', { kind: 'stall', after: 'request' }],
  ['is silent after the headers', { kind: 'stall', after: 'headers' }],
  ['is silent in the middle', { kind: 'stall', after: { events: 2 } }],
  ['resets the connection at once', { kind: 'cut', events: 0, how: 'reset' }],
  ['resets the connection in the middle', { kind: 'cut', events: 2, how: 'reset' }],
  ['ends as if all were well at once', { kind: 'cut', events: 0, how: 'end' }],
  ['ends as if all were well in the middle', { kind: 'cut', events: 2, how: 'end' }],
  ['reports an error in the middle', { kind: 'error-event', events: 2 }],
];

const BROKEN = ALL_DIALECTS.flatMap((dialect) =>
  [true, false].flatMap((stream) => BREAKS.map(([what, behaviour]) => [what, dialect, stream, behaviour] as const)),
);

describe('an answer that is not whole', () => {
  it.each(BROKEN)(
    'is charged as all that was held: the vendor %s, %s, stream %s',
    async (_what, dialect, stream, how) => {
      await inTurn(misbehaving(how), async (room) => {
        const { path, body } = requestOf(dialect, stream);
        await room.ask(body, { path });
        await room.endTurn();
        const charges = await expectSound(room);
        expect(charges.length).toBeGreaterThan(0);
        for (const { basis, amount, held } of charges) {
          expect(basis).toBe('estimated');
          expect(amount).toEqual(held);
        }
        expect(room.calls().length).toBe(charges.length);
      });
    },
  );

  it('breaks for the client where it broke for the gateway', async () => {
    await inTurn(misbehaving({ kind: 'cut', events: 3, how: 'reset' }), async ({ ask }) => {
      expect((await ask(message())).broken).toBe(true);
    });
  });

  it('is whole in spite of garbage between its events', async () => {
    await inTurn(misbehaving({ kind: 'garbage', events: 2 }), async (room) => {
      const answer = await room.ask(message());
      expect(answer.broken).toBe(false);
      expect(answer.body.toString()).toContain('{"not": json');
      await room.endTurn();
      await expectSound(room);
      expect(room.calls()[0]?.problem).not.toBe(null);
      expect(room.calls()[0]?.costNanoUsd).toBe(room.billed());
    });
  });
});

describe('a vendor that turns calls away', () => {
  it.each([400, 401, 404, 500])('with status %i bills nothing, and the agent is told', async (status) => {
    await inTurn(misbehaving({ kind: 'refuse', status, message: 'so it is' }), async (room) => {
      const answer = await room.ask(message());
      expect(answer.status).toBe(status);
      expect(answer.body.toString()).toContain('so it is');
      expect(await room.endTurn()).toBe(null);
      const [charge] = await expectSound(room);
      expect(charge).toMatchObject({ amount: { nanoUsd: 0, tokens: 0 }, basis: 'metered' });
    });
  });

  it.each([429, 503, 529])('for a short while is asked again: %i', async (status) => {
    const plan = [{ from: 1, to: 2, behaviour: { kind: 'refuse' as const, status, resetMs: 1_000 } }];
    await inTurn({ server: { plan }, ...HASTY }, async (room) => {
      expect((await room.ask(message())).status).toBe(200);
      expect(room.events.flatMap((event) => (event.type === 'quota.reached' ? [event.attempt] : []))).toEqual([1, 2]);
      expect(await room.endTurn()).toBe(null);
      const charges = await expectSound(room);
      expect(charges.map(({ amount }) => amount.nanoUsd)).toEqual([0, 0, room.billed()]);
    });
  });

  it.each([429, 503, 529])('for long ends the turn, and says until when: %i', async (status) => {
    const began = Date.now();
    await inTurn(misbehaving({ kind: 'refuse', status, resetMs: 7_200_000 }), async (room) => {
      const answer = await room.ask(message());
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body.toString()).toContain('acme turns calls away (until 2');
      expect(room.server.calls().length).toBe(1);
      const brake = await room.endTurn();
      expect(brake).toMatchObject({ kind: 'quota', quota: { provider: 'acme', exhausted: false } });
      const until = brake?.kind === 'quota' ? (brake.quota.until ?? 0) : 0;
      expect(until).toBeGreaterThanOrEqual(began + 7_190_000);
      expect(until).toBeLessThan(began + 7_260_000);
      await expectSound(room);
    });
  });

  it('until somebody pays is not asked again', async () => {
    const refusal = { kind: 'refuse' as const, status: 429, message: 'insufficient_quota', resetMs: 1_000 };
    await inTurn(misbehaving(refusal), async (room) => {
      await room.ask(message());
      expect(room.server.calls().length).toBe(1);
      expect(await room.endTurn()).toEqual({
        kind: 'quota',
        quota: { provider: 'acme', until: null, exhausted: false },
      });
      await expectSound(room);
    });
  });

  it('again and again uses up the attempts of the run', async () => {
    await inTurn(misbehaving({ kind: 'refuse', status: 529 }), async (room) => {
      await room.ask(message());
      expect(room.server.calls().length).toBe(MODELS.quotaAttempts);
      expect(await room.endTurn()).toMatchObject({ kind: 'quota', quota: { exhausted: true } });
      await expectSound(room);
    });
  });

  it('by not being there costs nothing, and nobody pretends that it was sent', async () => {
    const gone = await startVendor(() => undefined);
    await gone.close();
    await inTurn(behind(gone, misbehaving({ kind: 'delay' })), async (room) => {
      await room.ask(message());
      expect(await room.endTurn()).toMatchObject({ kind: 'quota', quota: { exhausted: true } });
      const charges = await expectSound(room);
      expect(charges.length).toBe(MODELS.quotaAttempts);
      expect(charges.every(({ amount, basis }) => amount.nanoUsd === 0 && basis === 'metered')).toBe(true);
    });
  });
});

function behind({ url }: Vendor, options: RoomOptions = {}): RoomOptions {
  const key = { kind: 'env', name: 'ACME_KEY' } as const;
  const provider = { name: 'acme', dialects: ALL_DIALECTS, url, priceProvider: null, key };
  return { ...HASTY, ...options, providers: () => [provider] };
}

/** Halves of the key in different chunks. */
const [KEY_BEGIN, KEY_END] = [REAL_KEY.slice(0, 11), REAL_KEY.slice(11)];

async function expectNoKey(room: Room, shown: readonly string[]): Promise<void> {
  const blobs = await Promise.all(
    room.calls().flatMap((call) => [call.request, call.response, call.headers].map((hash) => room.store.getBlob(hash))),
  );
  expect(blobs.length).toBeGreaterThan(0);
  for (const text of [...shown, JSON.stringify(room.events), ...blobs.map((blob) => Buffer.from(blob).toString())])
    expect(text).not.toContain(REAL_KEY);
}

describe('a key that the vendor repeats', () => {
  it('does not reach the agent in a stream that is cut in the middle of it', async () => {
    const [before, after] = `${streamBegin(`your key is ${REAL_KEY}, is it`)}${streamEnd()}`.split(REAL_KEY);
    const vendor = await startVendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-echo': `key ${REAL_KEY}` });
      response.write(`${before ?? ''}${KEY_BEGIN}`, () => setImmediate(() => response.end(`${KEY_END}${after ?? ''}`)));
    });
    await inTurn(behind(vendor), async (room) => {
      const answer = await room.ask(message());
      expect(answer.body.toString()).toContain(`your key is ${'*'.repeat(REAL_KEY.length)}, is it`);
      await expectNoKey(room, [answer.body.toString(), JSON.stringify(answer.headers)]);
      expect(room.calls()[0]?.basis).toBe('metered');
    });
    await vendor.close();
  });

  it.each([
    ['as it is', (text: string) => Buffer.from(text), {}],
    ['packed, although nobody asked for that', (text: string) => gzipSync(text), { 'content-encoding': 'gzip' }],
  ])('does not reach the agent in an error, %s', async (_how, pack, headers) => {
    const vendor = await startVendor((response) => {
      const bytes = pack(`{"error": {"type": "auth", "message": "bad key ${REAL_KEY}"}}`);
      response.writeHead(401, { 'content-type': 'application/json', ...headers });
      response.write(bytes.subarray(0, 55), () => setImmediate(() => response.end(bytes.subarray(55))));
    });
    await inTurn(behind(vendor), async (room) => {
      const answer = await room.ask(message());
      expect(answer.status).toBe(401);
      expect(answer.body.toString()).toContain('bad key');
      await expectNoKey(room, [answer.body.toString(), JSON.stringify(answer.headers)]);
    });
    await vendor.close();
  });
});

describe('an answer that is packed although nobody asked for that', () => {
  const packed = gzipSync(`${streamBegin(`words and ${REAL_KEY}`)}${streamEnd()}`);
  const cases: readonly (readonly [string, string, Buffer, string])[] = [
    ['whole', 'gzip', packed, 'metered'],
    ['cut', 'gzip', packed.subarray(0, packed.length - 20), 'estimated'],
    ['not what it says', 'gzip', Buffer.from(streamBegin('plain')), 'estimated'],
    ['in a way nobody knows', 'rot13', Buffer.from(`${REAL_KEY} ${streamBegin('plain')}`), 'estimated'],
  ];

  it.each(cases)('is read, metered and cleaned: %s', async (what, encoding, bytes, basis) => {
    const vendor = await startVendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding });
      response.end(bytes);
    });
    await inTurn(behind(vendor), async (room) => {
      const answer = await room.ask(message());
      expect(answer.headers['content-encoding']).toBe(undefined);
      expect(answer.broken).toBe(what !== 'whole');
      expect(answer.body.toString()).not.toContain(REAL_KEY);
      expect(answer.body.toString().includes('words and ***')).toBe(what === 'whole' || what === 'cut');
      await room.endTurn();
      await expectSound(room);
      const [call] = room.calls();
      expect(call?.basis).toBe(basis);
      expect(call?.costNanoUsd).toBeGreaterThan(0);
      expect(call?.problem === null).toBe(basis === 'metered');
    });
    await vendor.close();
  });
});
