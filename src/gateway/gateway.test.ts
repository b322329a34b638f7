/** The gateway as an agent meets it: a socket, a key, and a vendor behind it that bills. */
import { describe, expect, it } from 'vitest';
import { ALL_DIALECTS, inTurn, message, MODEL, PRICES, REAL_KEY } from '../../test/support/gateway-room.ts';
import { usdOf } from '../core/spend.ts';
import type { DialectId } from '../ports/gateway.ts';
import { inOrder } from '../../test/support/model-server/script.ts';

const PATHS: Readonly<Record<string, { readonly path: string; readonly body: (stream: boolean) => unknown }>> = {
  'anthropic-messages': { path: '/v1/messages?beta=true', body: (stream) => message('hello', { stream }) },
  'openai-responses': {
    path: '/acme/v1/responses',
    body: (stream) => ({ model: MODEL, stream, input: 'hello', store: false }),
  },
  'openai-chat': {
    path: '/v1/chat/completions',
    body: (stream) => ({
      model: MODEL,
      stream,
      messages: [{ role: 'user', content: 'hello' }],
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    }),
  },
};

function gemini(stream: boolean): { path: string; body: unknown } {
  const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return { path: `/v1beta/models/gem:${verb}`, body: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] } };
}

function requestOf(dialect: DialectId, stream: boolean): { path: string; body: unknown } {
  const found = PATHS[dialect];
  return found === undefined ? gemini(stream) : { path: found.path, body: found.body(stream) };
}

const CASES = ALL_DIALECTS.flatMap((dialect) => [true, false].map((stream) => [dialect, stream] as const));

describe('a call through the gateway', () => {
  it.each(CASES)(
    'passes bytes unchanged both ways and is charged what the vendor bills: %s, stream %s',
    async (dialect, stream) => {
      await inTurn({ models: { prices: { [MODEL]: PRICES, gem: PRICES } } }, async ({ ask, server, calls, billed }) => {
        const { path, body } = requestOf(dialect, stream);
        const text = `${JSON.stringify(body, null, 1)}\n `;
        const answer = await ask(text, { path });
        expect([answer.status, answer.status === 200 ? '' : answer.body.toString()]).toEqual([200, '']);
        const [received] = server.calls();
        expect(received?.body.toString()).toBe(text);
        expect(received?.key).toBe(REAL_KEY);
        const [call] = calls();
        expect(call).toMatchObject({
          dialect,
          provider: 'acme',
          status: 200,
          end: 'complete',
          basis: 'metered',
          problem: null,
        });
        expect(call?.costNanoUsd).toBe(billed());
        expect(billed()).toBeGreaterThan(0);
        expect(answer.body.length).toBe(call?.responseBytes);
      });
    },
  );

  it('is recorded so that both bodies can be read again, byte for byte', async () => {
    await inTurn({}, async ({ ask, store, calls, references }) => {
      const answer = await ask(message('x'.repeat(2_000)));
      const { createRecording } = await import('./recording/recording.ts');
      const [call] = calls();
      const request = await createRecording(store).rebuild(call?.request ?? '');
      expect(JSON.parse(Buffer.from(request).toString())).toEqual(message('x'.repeat(2_000)));
      expect(Buffer.from(await store.getBlob(call?.response ?? ''))).toEqual(answer.body);
      expect(references.length).toBeGreaterThan(0);
    });
  });

  it('shows the real key to the vendor and to nobody else', async () => {
    const echo = { from: 1, behaviour: { kind: 'refuse' as const, status: 401, message: `bad key ${REAL_KEY}` } };
    await inTurn({ server: { plan: [echo] } }, async ({ ask, server, store, events, run, calls }) => {
      const answer = await ask(message());
      expect(answer.status).toBe(401);
      expect(server.keys()).toEqual(new Set([REAL_KEY]));
      const [call] = calls();
      const blobs = await Promise.all([call?.response, call?.headers].map((hash) => store.getBlob(hash ?? '')));
      const seen = [
        answer.body.toString(),
        JSON.stringify(answer.headers),
        JSON.stringify(events),
        JSON.stringify(run),
      ];
      for (const text of [...seen, ...blobs.map((blob) => Buffer.from(blob).toString())])
        expect(text).not.toContain(REAL_KEY);
    });
  });

  it('opens to the key of its own run and to no other', async () => {
    await inTurn({}, async ({ ask, server, refused, key }) => {
      for (const wrong of [null, 'sk-anything', `${key}x`, key.slice(1), REAL_KEY]) {
        const { status, body } = await ask(message(), { key: wrong });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(body.toString()).toContain('loopwright: ');
      }
      expect(server.received).toEqual([]);
      expect(refused().map(({ kind }) => kind)).toEqual(Array(5).fill('key'));
    });
  });

  it('answers a greeting itself, passes what is free and refuses what is unknown', async () => {
    await inTurn({}, async ({ ask, server, calls }) => {
      expect((await ask('', { method: 'HEAD', path: '/' })).status).toBe(200);
      expect((await ask(message(), { path: '/v1/messages/count_tokens' })).status).toBe(200);
      expect((await ask('{}', { path: '/v1/analytics/codex/turn-costs' })).status).toBe(404);
      expect((await ask('{}', { path: 'http://elsewhere.invalid/v1/messages' })).status).toBe(404);
      expect(server.received.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
      expect(calls()).toEqual([]);
    });
  });
});

describe('what is not passed', () => {
  it.each([
    ['no JSON', '{"model": "acme/coder", ', 'request'],
    ['no model', '{"messages": [], "max_tokens": 5}', 'request'],
    ['a model the policy does not allow', message('x', { model: 'other/model' }), 'model'],
    ['a model without a price', message('x', { model: 'acme/unpriced' }), 'model'],
  ])('is refused with a reason: %s', async (_what, body, kind) => {
    await inTurn({ models: { allow: ['acme/*'] } }, async ({ ask, server, refused, endTurn }) => {
      const answer = await ask(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body.toString()).toContain('loopwright: ');
      expect(refused().map((event) => event.kind)).toEqual([kind]);
      expect(server.received).toEqual([]);
      expect(await endTurn()).toBe(null);
    });
  });

  it('is a state kept by the vendor: what cannot be bounded is refused', async () => {
    await inTurn({}, async ({ ask, server, refused }) => {
      const body = { model: MODEL, input: 'go on', previous_response_id: 'resp_1' };
      expect((await ask(body, { path: '/v1/responses' })).status).toBe(400);
      expect(refused()[0]?.message).toContain('previous_response_id');
      expect(server.received).toEqual([]);
    });
  });

  it('are hosted tools that the policy does not name', async () => {
    const tools = [
      { type: 'web_search_20250305', name: 'web_search' },
      { name: 'Edit', description: 'edits', input_schema: { type: 'object', properties: {} } },
    ];
    await inTurn({}, async ({ ask, server, events }) => {
      expect((await ask(message('x', { tools }))).status).toBe(200);
      const sent = JSON.parse(server.calls()[0]?.body.toString() ?? '') as { tools: { name: string }[] };
      expect(sent.tools.map(({ name }) => name)).toEqual(['Edit']);
      expect(events.filter(({ type }) => type === 'tool.stripped')).toMatchObject([{ tools: ['web_search'] }]);
    });
    await inTurn({ models: { hostedTools: ['web_search'] } }, async ({ ask, server, events }) => {
      expect((await ask(message('x', { tools }))).status).toBe(200);
      const sent = JSON.parse(server.calls()[0]?.body.toString() ?? '') as { tools: unknown[] };
      expect(sent.tools).toEqual(tools);
      expect(events.filter(({ type }) => type === 'tool.stripped')).toEqual([]);
    });
  });

  it('is a body of 100 MB', async () => {
    await inTurn({}, async ({ ask, server, refused }) => {
      const answer = await ask(Buffer.alloc(100 * 1_024 * 1_024, 'a'));
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(refused()[0]?.message).toContain('104857600 bytes');
      expect(server.received).toEqual([]);
    });
  });
});

describe('a ceiling', () => {
  it('stops before any spend where one call is too dear, and says what one call needs', async () => {
    await inTurn({ limits: { costUsd: 0.01 } }, async ({ ask, server, refused, endTurn }) => {
      const answer = await ask(message('word '.repeat(20_000)));
      expect(answer.status).toBe(402);
      expect(answer.body.toString()).toMatch(
        /limit on cost: 0\.00 USD of 0\.010 USD, and one more model call may take 0\.\d+ USD/,
      );
      expect(server.received).toEqual([]);
      expect(refused()[0]?.breach).toMatchObject({ limit: 'costUsd', ceiling: 0.01 });
      expect(await endTurn()).toMatchObject({ kind: 'limit', breach: { limit: 'costUsd' } });
    });
  });

  it('is the reason that every later call is told, too: an agent may show the refusal of any', async () => {
    await inTurn({ limits: { costUsd: 0.01 } }, async ({ ask, server }) => {
      await ask(message('word '.repeat(20_000)));
      const later = await ask(message('hello', { max_tokens: 1 }));
      expect(later.status).toBeGreaterThanOrEqual(400);
      expect(later.body.toString()).toMatch(/this turn has to end: limit on cost: 0\.00 USD of 0\.010 USD/);
      expect(server.received).toEqual([]);
    });
  });

  it('is never passed by a vendor that bills every token it was allowed, and leaves little of it unused', async () => {
    const server = { billing: { verbosity: 'limit' as const } };
    await inTurn({ limits: { costUsd: 0.5 }, server }, async ({ ask, billed, calls, refused, endTurn }) => {
      for (let index = 0; index < 100 && refused().length === 0; index += 1) {
        await ask(message(`turn ${index}`, { max_tokens: 7_000 }));
      }
      expect(usdOf(billed())).toBeLessThanOrEqual(0.5);
      expect(usdOf(billed())).toBeGreaterThan(0.45);
      expect(calls().reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(billed());
      // The last answers were given the room that was left.
      expect(calls().at(-1)).toMatchObject({ askedOutputLimit: 7_000 });
      expect(calls().at(-1)?.outputLimit).toBeLessThan(7_000);
      expect(await endTurn()).toMatchObject({ kind: 'limit' });
    });
  });

  it('ends the turn where it cut an answer short, and says what is spent with that answer in it', async () => {
    const server = { script: inOrder({ kind: 'say', text: 'a long word '.repeat(4_000) }) };
    const tools = [{ name: 'Edit', description: 'edits', input_schema: { type: 'object', properties: {} } }];
    await inTurn({ limits: { costUsd: 0.1 }, server }, async ({ ask, billed, calls, endTurn }) => {
      expect((await ask(message('hello', { max_tokens: 16_000, tools }))).status).toBe(200);
      expect(calls()).toMatchObject([{ finishReason: 'max_tokens', askedOutputLimit: 16_000 }]);
      expect(billed()).toBeGreaterThan(0);
      const breach = { limit: 'costUsd', value: usdOf(billed()), ceiling: 0.1 };
      expect(await endTurn()).toMatchObject({ kind: 'limit', breach });
    });
    // The canary: the limit that the agent set itself ends no turn.
    await inTurn({ limits: { costUsd: 0.5 }, server }, async ({ ask, calls, endTurn }) => {
      await ask(message('hello', { max_tokens: 100, tools }));
      expect(calls()).toMatchObject([{ finishReason: 'max_tokens', outputLimit: 100 }]);
      expect(await endTurn()).toBe(null);
    });
  });

  it('counts tokens where no price is known and the policy says that tokens are enough', async () => {
    const models = { prices: {}, unknownPrice: 'tokens-only' as const };
    await inTurn({ limits: { costUsd: 5, tokens: 20_000 }, models }, async ({ ask, calls, refused, endTurn }) => {
      for (let index = 0; index < 50 && refused().length === 0; index += 1) await ask(message('x'.repeat(6_000)));
      expect(calls()[0]).toMatchObject({ costNanoUsd: 0, prices: null });
      expect(await endTurn()).toMatchObject({ kind: 'limit', breach: { limit: 'tokens', ceiling: 20_000 } });
    });
  });

  it('holds for many callers at once: some wait, none passes it', async () => {
    const server = {
      billing: { verbosity: 'limit' as const },
      plan: [{ from: 1, behaviour: { kind: 'delay' as const, headersMs: 20 } }],
    };
    await inTurn({ limits: { costUsd: 0.3 }, server }, async ({ ask, billed, calls }) => {
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, index) => ask(message(`caller ${index}`, { max_tokens: 2_000 }))),
      );
      expect(usdOf(billed())).toBeLessThanOrEqual(0.3);
      expect(answers.filter(({ status }) => status === 200).length).toBe(calls().length);
      expect(calls().length).toBeGreaterThan(5);
      expect(answers.some(({ status }) => status === 402)).toBe(true);
    });
  });
});
