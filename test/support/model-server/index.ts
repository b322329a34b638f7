/**
 * A model server for tests: one HTTP server on loopback, and on a Unix socket where asked, that speaks the protocols of
 * four vendors, follows a script instead of thinking, and bills. The path says which protocol is meant, so that any agent
 * can be pointed at it. Nothing but the tests' own process is behind it.
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TokenUsage } from '../../../src/core/spend.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { behavioursOf, has } from './behaviour.ts';
import type { Behaviour, FromCall } from './behaviour.ts';
import { compose, DEFAULT_BILLING, generated, tokensOf, usageFor } from './billing.ts';
import type { BilledCall, BillingOptions } from './billing.ts';
import { gemini } from './gemini/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { pieces, record } from './protocol.ts';
import type { Answer, Asked, Frame, Json, Prompt, Protocol, ProtocolId } from './protocol.ts';
import { act } from './script.ts';
import type { Script } from './script.ts';
import { send } from './send.ts';

const PROTOCOLS: readonly Protocol[] = [anthropicMessages, openaiResponses, openaiChat, gemini];

export interface ModelServerOptions {
  readonly script: Script;
  readonly billing?: Partial<BillingOptions>;
  readonly plan?: readonly FromCall[];
  /** Also listens on a Unix socket at this path. */
  readonly socketPath?: string;
  /** Compresses the answers to clients that accept it. */
  readonly gzip?: boolean;
}

/** One request as it came in. */
export interface Received {
  /** Milliseconds since the server began. */
  readonly atMs: number;
  readonly protocol: ProtocolId | null;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire, content encoding included. */
  readonly body: Buffer;
  /** Number among the calls that ask for an answer, from 1, refused ones included; null for any other request. */
  readonly call: number | null;
  readonly key: string | null;
}

export interface ModelServer {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly url: string;
  readonly received: readonly Received[];
  /** What the vendor bills, in the order of the calls. Grows while answers are on their way. */
  readonly bill: () => readonly BilledCall[];
  /** Requests for an answer, refused ones included. */
  readonly calls: () => readonly Received[];
  /** Every key any request carried. */
  readonly keys: () => ReadonlySet<string>;
  /** Resolves once that many requests for an answer have come in. */
  called(times: number): Promise<void>;
  close(): Promise<void>;
}

/** Where the protocols carry the key, in the order clients prefer. */
function keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | null {
  const named = headers['x-api-key'] ?? headers['x-goog-api-key'];
  if (typeof named === 'string') return named;
  const [, bearer = null] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return bearer ?? query.get('key');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): Json | null {
  try {
    return record(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function reply(
  response: ServerResponse,
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** A bill that can still grow while its answer is on its way. */
type OpenBill = { -readonly [K in keyof BilledCall]: BilledCall[K] };

interface World {
  readonly options: ModelServerOptions;
  readonly billing: BillingOptions;
  readonly bills: OpenBill[];
  readonly signal: AbortSignal;
}

interface Turn {
  readonly protocol: Protocol;
  readonly prompt: Prompt;
  readonly received: Received;
  readonly call: number;
}

function claimed(truth: TokenUsage, behaviours: readonly Behaviour[]): TokenUsage | null {
  const claim = has(behaviours, 'claim');
  if (claim === null) return truth;
  return claim.usage === 'none' ? null : claim.usage(truth);
}

function refuse(response: ServerResponse, turn: Turn, refusal: Extract<Behaviour, { kind: 'refuse' }>): void {
  const { status, message = 'Refused by the script.', resetMs = null, headers } = refusal;
  const answer = turn.protocol.failure({ status, message, resetMs, nowMs: Date.now() });
  reply(response, status, answer.body, { ...answer.headers, ...headers });
}

async function answer(response: ServerResponse, turn: Turn, world: World): Promise<void> {
  const { protocol, prompt, received, call } = turn;
  const behaviours = behavioursOf(world.options.plan ?? [], call);
  const refusal = has(behaviours, 'refuse');
  if (refusal !== null) {
    refuse(response, turn, refusal);
    return;
  }
  const shorten = has(behaviours, 'shorten');
  const bounded = shorten === null ? prompt : { ...prompt, outputLimit: shorten.tokens };
  const composed = compose(act(world.options.script, prompt), bounded, world.billing);
  const truth = usageFor(received.body.length, prompt, composed.outputTokens, world.billing);
  const id = `script${String(call)}`;
  const said: Answer = {
    id,
    model: prompt.model,
    text: composed.text,
    call: composed.call === null ? null : { id, ...composed.call },
    finish: composed.finish,
    usage: claimed(truth, behaviours),
  };
  const frames = prompt.stream ? protocol.frames(said, prompt) : wholeFrames(protocol, said);
  const totalBytes = frames.reduce((sum, { contentBytes }) => sum + contentBytes, 0);
  const bill: OpenBill = {
    call,
    model: prompt.model,
    key: received.key,
    usage: { ...truth, outputTokens: 0 },
    outputLimit: prompt.outputLimit,
    complete: false,
  };
  world.bills.push(bill);
  let contentBytes = 0;
  bill.complete = await send(response, {
    frames,
    headers: { 'content-type': prompt.stream ? 'text/event-stream' : 'application/json', 'request-id': id },
    behaviours,
    errorFrame: (message) => protocol.errorFrame(message),
    gzip: world.options.gzip === true && /\bgzip\b/.test(String(received.headers['accept-encoding'])),
    signal: world.signal,
    sent: (frame) => {
      contentBytes += frame.contentBytes;
      bill.usage = { ...truth, outputTokens: generated(truth, contentBytes, totalBytes) };
    },
  });
}

/** One JSON document in a few pieces, so that it can break off in the middle. */
function wholeFrames(protocol: Protocol, said: Answer): readonly Frame[] {
  const wire = JSON.stringify(protocol.whole(said));
  const content = said.text + (said.call === null ? '' : JSON.stringify(said.call.input));
  const parts = pieces(wire, Math.ceil(wire.length / 4));
  return parts.map((part) => ({ wire: part, contentBytes: Buffer.byteLength(content) / parts.length }));
}

function free(response: ServerResponse, protocol: Protocol, kind: Asked['kind'], bodyBytes: number): void {
  if (kind === 'count') reply(response, 200, protocol.count(tokensOf(bodyBytes)));
  else if (kind === 'models') reply(response, 200, { object: 'list', data: [], models: [] });
  else reply(response, 200, {});
}

function routed(method: string, path: string): { readonly protocol: Protocol; readonly asked: Asked } | null {
  for (const protocol of PROTOCOLS) {
    const asked = protocol.route(method, path);
    if (asked !== null) return { protocol, asked };
  }
  return null;
}

async function listen(server: Server, where: { readonly path: string } | { readonly port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in where ? where : { ...where, host: '127.0.0.1' }, resolve);
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const closing = new AbortController();
  const began = performance.now();
  const received: Received[] = [];
  const waiting: { readonly times: number; readonly resolve: () => void }[] = [];
  const world: World = {
    options,
    billing: { ...DEFAULT_BILLING, ...options.billing },
    bills: [],
    signal: closing.signal,
  };
  const calls = (): readonly Received[] => received.filter(({ call }) => call !== null);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const url = new URL(path, 'http://localhost');
    const body = await bodyOf(request);
    const found = routed(method, url.pathname);
    const call = found?.asked.kind === 'generate' ? calls().length + 1 : null;
    const key = keyOf(request.headers, url.searchParams);
    const atMs = performance.now() - began;
    const one: Received = {
      atMs,
      protocol: found?.protocol.id ?? null,
      method,
      path,
      headers: request.headers,
      body,
      call,
      key,
    };
    received.push(one);
    for (const { times, resolve } of waiting) if (calls().length >= times) resolve();
    if (method === 'HEAD' || url.pathname === '/') {
      response.writeHead(200).end();
      return;
    }
    if (found === null) {
      reply(response, 404, { error: { message: `The model server knows no ${method} ${url.pathname}.` } });
      return;
    }
    const { protocol, asked } = found;
    if (asked.kind !== 'generate' || call === null) {
      free(response, protocol, asked.kind, body.length);
      return;
    }
    const json = parsed(body);
    if (json === null) {
      reply(
        response,
        400,
        protocol.failure({ status: 400, message: 'Not JSON.', resetMs: null, nowMs: Date.now() }).body,
      );
      return;
    }
    await answer(response, { protocol, prompt: protocol.read(asked, json), received: one, call }, world);
  }

  function serve(): Server {
    return createServer((request, response) => {
      handle(request, response).catch((error: unknown) => {
        // The server closes, or the client is gone: nobody is left to be told. Everything else is a mistake in here.
        if (closing.signal.aborted || response.closed || request.destroyed) return;
        response.writeHead(500, { 'x-model-server-broke': '1' }).end(String(error));
      });
    });
  }

  const loopback = serve();
  await listen(loopback, { port: 0 });
  const servers = [loopback];
  if (options.socketPath !== undefined) {
    const socket = serve();
    await listen(socket, { path: options.socketPath });
    servers.push(socket);
  }
  const { port } = loopback.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    received,
    bill: () => world.bills,
    calls,
    keys: () => new Set(received.flatMap(({ key }) => (key === null ? [] : [key]))),
    async called(times) {
      if (calls().length >= times) return;
      await new Promise<void>((resolve) => {
        waiting.push({ times, resolve });
      });
    },
    async close() {
      closing.abort();
      await Promise.all(servers.map(stop));
    },
  };
}
