/** The model server is a measuring instrument: what it bills, claims and breaks has to be exact before anything is judged by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Behaviour } from './behaviour.ts';
import { billedTokens, billNanoUsd } from './billing.ts';
import { startModelServer } from './index.ts';
import type { ModelServer, ModelServerOptions } from './index.ts';
import type { Json, ProtocolId } from './protocol.ts';
import { inOrder } from './script.ts';

const SCHEMA = {
  type: 'object',
  properties: { file_path: { type: 'string' }, command: { type: 'string' }, description: { type: 'string' } },
  required: ['description'],
};
const READ = inOrder({ kind: 'read', path: '/repo/sum.js' }, { kind: 'say', text: 'Done.' });

interface Dialect {
  readonly id: ProtocolId;
  readonly path: (stream: boolean) => string;
  /** A request with a tool `name`, and as many results of tools as asked. */
  readonly body: (stream: boolean, options: { name?: string; results?: number; limit?: number }) => Json;
  readonly input: (text: string) => number | undefined;
  readonly output: (text: string) => number | undefined;
}

/** The last number said under this name, wherever it is in the stream. */
function last(name: string): (text: string) => number | undefined {
  return (text) => {
    const found = [...text.matchAll(new RegExp(`"${name}":(-?[0-9.e+]+)`, 'gu'))].at(-1)?.[1];
    return found === undefined ? undefined : Number(found);
  };
}

const times = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);

const DIALECTS: readonly Dialect[] = [
  {
    id: 'anthropic-messages',
    path: () => '/v1/messages?beta=true',
    body: (stream, { name, results = 0, limit }) => ({
      model: 'm',
      stream,
      ...(limit === undefined ? {} : { max_tokens: limit }),
      messages: [{ role: 'user', content: times(results, { type: 'tool_result' }) }],
      tools: name === undefined ? [] : [{ name, input_schema: SCHEMA }],
    }),
    input: last('input_tokens'),
    output: last('output_tokens'),
  },
  {
    id: 'openai-responses',
    path: () => '/v1/responses',
    body: (stream, { name, results = 0, limit }) => ({
      model: 'm',
      stream,
      ...(limit === undefined ? {} : { max_output_tokens: limit }),
      input: times(results, { type: 'function_call_output' }),
      tools: name === undefined ? [] : [{ type: 'function', name, parameters: SCHEMA }],
    }),
    input: last('input_tokens'),
    output: last('output_tokens'),
  },
  {
    id: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: (stream, { name, results = 0, limit }) => ({
      model: 'm',
      stream,
      stream_options: { include_usage: true },
      ...(limit === undefined ? {} : { max_tokens: limit }),
      messages: times(results, { role: 'tool' }),
      tools: name === undefined ? [] : [{ type: 'function', function: { name, parameters: SCHEMA } }],
    }),
    input: last('prompt_tokens'),
    output: last('completion_tokens'),
  },
  {
    id: 'gemini',
    path: (stream) => `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_stream, { name, results = 0, limit }) => ({
      contents: [{ parts: times(results, { functionResponse: {} }) }],
      generationConfig: limit === undefined ? {} : { maxOutputTokens: limit },
      tools: name === undefined ? [] : [{ functionDeclarations: [{ name, parameters: SCHEMA }] }],
    }),
    input: last('promptTokenCount'),
    output: last('candidatesTokenCount'),
  },
];

const BOTH = DIALECTS.flatMap((dialect) => [true, false].map((stream) => ({ ...dialect, stream })));

const open: ModelServer[] = [];

async function started(options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const server = await startModelServer({ script: READ, ...options });
  open.push(server);
  return server;
}

async function ask(server: ModelServer, path: string, body: Json): Promise<Response> {
  return fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), headers: { 'x-api-key': 'k1' } });
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe.each(BOTH)('the model server in $id, stream: $stream', ({ path, body, input, output, stream }) => {
  it('calls the offered tool first, with what its schema requires, and ends with words', async () => {
    const server = await started();
    const called = await (await ask(server, path(stream), body(stream, { name: 'read_file' }))).text();
    expect(called).toContain('read_file');
    expect(called).toContain('/repo/sum.js');
    const said = await (await ask(server, path(stream), body(stream, { name: 'read_file', results: 1 }))).text();
    expect(said).toContain('Done.');
    expect(said).not.toContain('read_file');
  });

  it('says exactly what it bills', async () => {
    const server = await started({ billing: { input: (bytes) => ({ inputTokens: bytes }) } });
    const sent = body(stream, { name: 'read_file', results: 1 });
    const text = await (await ask(server, path(stream), sent)).text();
    const [billed] = server.bill();
    expect(billed).toMatchObject({ call: 1, model: 'm', key: 'k1', complete: true });
    expect(billed?.usage.inputTokens).toBe(JSON.stringify(sent).length);
    expect(billed?.usage.outputTokens).toBe(2);
    expect(input(text)).toBe(billed?.usage.inputTokens);
    expect(output(text)).toBe(billed?.usage.outputTokens);
  });

  it('uses the whole output limit when it is told to, and bills it', async () => {
    const server = await started({ billing: { verbosity: 'limit' } });
    const text = await (await ask(server, path(stream), body(stream, { name: 'read_file', limit: 500 }))).text();
    expect(server.bill()[0]?.usage.outputTokens).toBe(500);
    expect(output(text)).toBe(500);
    expect(text).toContain('read_file');
  });

  it('cuts an answer that does not fit the output limit', async () => {
    const server = await started();
    const text = await (
      await ask(server, path(stream), body(stream, { results: 1, name: 'read_file', limit: 1 }))
    ).text();
    expect(text).toMatch(/max_tokens|max_output_tokens|"length"|MAX_TOKENS/);
    expect(text).not.toContain('Done.');
    expect(server.bill()[0]?.usage.outputTokens).toBe(1);
  });

  it('ends an answer early where it is told to, as a lowered limit would', async () => {
    const server = await started({ plan: [{ from: 1, behaviour: { kind: 'shorten', tokens: 3 } }] });
    const text = await (await ask(server, path(stream), body(stream, { name: 'read_file', limit: 500 }))).text();
    expect(text).toMatch(/max_tokens|max_output_tokens|"length"|MAX_TOKENS/);
    expect(server.bill()[0]).toMatchObject({ outputLimit: 500, usage: { outputTokens: 3 } });
  });

  it('claims nothing, or something else, while the bill stays true', async () => {
    const lie: Behaviour = { kind: 'claim', usage: (truth) => ({ ...truth, outputTokens: -7 }) };
    const server = await started({
      plan: [
        { from: 1, to: 1, behaviour: { kind: 'claim', usage: 'none' } },
        { from: 2, behaviour: lie },
      ],
    });
    const said = body(stream, { name: 'read_file', results: 1 });
    expect(output(await (await ask(server, path(stream), said)).text())).toBeUndefined();
    expect(output(await (await ask(server, path(stream), said)).text())).toBe(-7);
    expect(server.bill().map(({ usage }) => usage.outputTokens)).toEqual([2, 2]);
  });

  it('refuses from the call it is told, with the reset the vendor would name, and bills nothing then', async () => {
    const refuse = { kind: 'refuse', status: 429, message: 'Quota is used up.', resetMs: 90_000 } as const;
    const server = await started({ plan: [{ from: 2, behaviour: refuse }] });
    const sent = body(stream, { name: 'read_file' });
    await (await ask(server, path(stream), sent)).text();
    const refused = await ask(server, path(stream), sent);
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('Quota is used up.');
    expect(server.calls()).toHaveLength(2);
    expect(server.bill()).toHaveLength(1);
  });

  it('bills of an answer that breaks off what was generated by then', async () => {
    const server = await started({
      billing: { verbosity: 'limit', longestAnswerTokens: 20_000 },
      plan: [{ from: 1, behaviour: { kind: 'cut', events: 3, how: 'reset' } }],
    });
    await expect(
      ask(server, path(stream), body(stream, { name: 'read_file' })).then(async (answer) => answer.text()),
    ).rejects.toThrow(/terminated|fetch failed/);
    const [billed] = server.bill();
    expect(billed?.complete).toBe(false);
    expect(billed?.usage.outputTokens).toBeLessThan(20_000);
    expect(billed?.usage.inputTokens).toBeGreaterThan(0);
  });
});

describe('the model server', () => {
  const [anthropic] = DIALECTS;
  const body = anthropic?.body(true, { name: 'Bash' }) ?? {};

  it('keeps what it received and which keys it saw', async () => {
    const server = await started();
    await (await ask(server, '/v1/messages', body)).text();
    await fetch(`${server.url}/`, { method: 'HEAD' });
    await fetch(`${server.url}/v1beta/models/m:countTokens?key=k2`, { method: 'POST', body: '{}' });
    await fetch(`${server.url}/v1/models`, { headers: { authorization: 'Bearer k3' } });
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/messages',
      'HEAD /',
      'POST /v1beta/models/m:countTokens?key=k2',
      'GET /v1/models',
    ]);
    expect(server.received[0]?.body.toString()).toBe(JSON.stringify(body));
    expect([...server.keys()]).toEqual(['k1', 'k2', 'k3']);
    expect(server.bill()).toHaveLength(1);
  });

  it('counts tokens for nothing', async () => {
    const server = await started();
    const counted = await ask(server, '/v1/messages/count_tokens', body);
    expect(await counted.json()).toEqual({ input_tokens: Math.ceil(JSON.stringify(body).length / 4) });
    expect(server.bill()).toEqual([]);
  });

  it('also listens on a Unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'model-server-'));
    const socketPath = join(directory, 'model.sock');
    const server = await started({ socketPath });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ socketPath, path: '/', method: 'HEAD' }, (answer) => resolve(answer.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    expect(server.received).toHaveLength(1);
    rmSync(directory, { recursive: true });
  });

  it('stalls where it is told and lets go when it closes', async () => {
    const server = await started({ plan: [{ from: 1, behaviour: { kind: 'stall', after: { events: 1 } } }] });
    const answer = await ask(server, '/v1/messages', body);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain('message_start');
    await server.close();
    await expect(reader?.read()).rejects.toThrow('terminated');
    expect(server.bill()[0]?.complete).toBe(false);
  });

  it('reports an error inside a stream, sends garbage, and closes early as if all were well', async () => {
    const server = await started({
      plan: [
        { from: 1, to: 1, behaviour: { kind: 'error-event', events: 2, message: 'Too busy.' } },
        { from: 2, to: 2, behaviour: { kind: 'garbage', events: 2 } },
        { from: 3, behaviour: { kind: 'cut', events: 2, how: 'end' } },
      ],
    });
    const [error, garbage, ended] = [
      await (await ask(server, '/v1/messages', body)).text(),
      await (await ask(server, '/v1/messages', body)).text(),
      await (await ask(server, '/v1/messages', body)).text(),
    ];
    expect(error).toContain('Too busy.');
    expect(garbage).toContain('{"not": json');
    expect(garbage).toContain('message_stop');
    expect(ended).not.toContain('message_stop');
    expect(server.bill().map(({ complete }) => complete)).toEqual([false, true, false]);
  });

  it('compresses for clients that accept it, event by event', async () => {
    const server = await started({ gzip: true });
    const answer = await ask(server, '/v1/messages', body);
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.text()).toContain('message_stop');
  });

  it('puts cache classes where the protocol puts them', async () => {
    const classes = { inputTokens: 1, cacheReadTokens: 20, cacheWrite5mTokens: 300, cacheWrite1hTokens: 4_000 };
    const server = await started({ billing: { input: () => classes, reasoningShare: 1 } });
    const texts = await Promise.all(
      DIALECTS.map(async ({ path, body: make }) =>
        (await ask(server, path(true), make(true, { name: 'x', results: 1 }))).text(),
      ),
    );
    expect(texts[0]).toContain('"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":4000');
    expect(texts[0]).toContain('"input_tokens":1,');
    expect(texts[1]).toContain('"input_tokens":4321');
    expect(texts[2]).toContain('"prompt_tokens":4321');
    expect(texts[3]).toContain('"promptTokenCount":4321,"cachedContentTokenCount":20,"candidatesTokenCount":0');
  });

  it('canary: a bill is money, and a server that has billed nothing shows it', async () => {
    const server = await started({
      billing: { input: () => ({ inputTokens: 1_000_000, cacheReadTokens: 1_000_000 }) },
    });
    expect(billNanoUsd(server.bill(), { input: 3, output: 15 })).toBe(0);
    await (await ask(server, '/v1/messages', anthropic?.body(true, { results: 1, name: 'x' }) ?? {})).text();
    expect(billedTokens(server.bill())).toBe(2_000_002);
    expect(billNanoUsd(server.bill(), { input: 3, output: 15, cacheRead: 0.3 })).toBe(3_300_000_000 + 30_000);
    const unknown = await fetch(`${server.url}/v1/unknown`, { method: 'POST', body: '{}' });
    expect(unknown.status).toBe(404);
  });
});
