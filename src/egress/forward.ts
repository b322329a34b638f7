/** One request that was allowed, to its host and back: by the address that was judged, in TLS where the rule says so. */
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as tlsConnect } from 'node:tls';
import type { NetworkRule } from '../core/network.ts';
import { showNetworkRule } from '../core/network.ts';
import { systemCode } from '../core/system-code.ts';
import { FULL, refusedRoute, said } from './context.ts';
import type { ProxyContext, Refusal } from './context.ts';
import { passedHeaders } from './headers.ts';
import type { PassedHeaders } from './headers.ts';
import { secretsFor } from './secrets.ts';
import type { HostSecrets } from './secrets.ts';
import type { Counter } from './tally.ts';
import type { Window } from './window.ts';

export interface Outgoing {
  readonly rule: NetworkRule;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly tls: boolean;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly window: Window;
}

export function answer(response: ServerResponse, { status, why }: Refusal): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(said(why));
}

/** On the record first, then told. Rejects as the log does, and then nothing was told. */
export async function refuse(
  { window, response }: Exchange,
  route: { readonly host: string; readonly port: number | null; readonly method: string | null },
  refusal: Refusal,
): Promise<void> {
  await window.tally.refuse(refusedRoute(route, refusal.why));
  answer(response, refusal);
}

function codeOf(error: unknown): string {
  return systemCode(error) ?? 'unknown';
}

/** The server has to prove that it is the host, by the roots of the supervisor. Rejects as TLS does. */
function secured(context: ProxyContext, socket: Socket, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const roots = context.roots === null ? {} : { ca: [...context.roots] };
    const secure = tlsConnect({ socket, servername: host, ALPNProtocols: ['http/1.1'], ...roots });
    secure.once('error', reject);
    secure.once('close', () => reject(new Error('closed')));
    secure.once('secureConnect', () => resolve(secure));
  });
}

/** Counts what passes, and ends it when there is no more room. */
function counting(count: (bytes: number) => boolean): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      if (count(chunk.length)) next(null, chunk);
      else next(new Error('limit'));
    },
  });
}

function hiding(hider: ReturnType<HostSecrets['bodyHider']>): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, next) => next(null, hider.push(chunk)),
    flush: (next) => next(null, hider.end()),
  });
}

function mapped(headers: PassedHeaders, change: (value: string) => string): PassedHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? change(value) : value.map(change),
    ]),
  );
}

/** What is sent on. The host is written anew from what was judged, never taken over. */
function outgoingHeaders(
  { request }: Exchange,
  { host, port, tls }: Outgoing,
  secrets: HostSecrets | null,
): PassedHeaders {
  const usual = tls ? 443 : 80;
  const headers: PassedHeaders = {
    ...passedHeaders(request.headers),
    // Chunks were read here and are made anew.
    ...(request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
    host: port === usual ? host : `${host}:${port}`,
    connection: 'close',
  };
  // A secret that is only filled in where everybody on the way could read it is none any more.
  if (secrets === null || !tls) return headers;
  // Unpacked, so that a secret that comes back is seen.
  return { ...mapped(headers, (value) => secrets.fill(value)), 'accept-encoding': 'identity' };
}

function sizeOf(message: IncomingMessage): number {
  return message.rawHeaders.reduce((sum, text) => sum + text.length + 2, (message.url ?? '').length + 20);
}

async function receive(
  incoming: IncomingMessage,
  { response }: Exchange,
  { secrets, counter }: { readonly secrets: HostSecrets | null; readonly counter: Counter },
): Promise<void> {
  counter.received(sizeOf(incoming));
  const packed = incoming.headers['content-encoding'] ?? 'identity';
  if (secrets !== null && packed !== 'identity') {
    incoming.destroy();
    return answer(response, {
      status: 502,
      why: 'the answer is packed although it was asked not to be; a secret could be in it',
    });
  }
  const passed = passedHeaders(incoming.headers);
  response.writeHead(
    incoming.statusCode ?? 502,
    secrets === null ? passed : mapped(passed, (value) => secrets.hide(value)),
  );
  const count = counting((bytes) => counter.received(bytes));
  // A stream that breaks off is broken off for the client as well: `pipeline` destroys both ends.
  const passing =
    secrets === null
      ? pipeline(incoming, count, response)
      : pipeline(incoming, hiding(secrets.bodyHider()), count, response);
  await passing.catch(() => undefined);
}

/** Resolves to the answer, or to why there is none. */
function answered(outgoing: ClientRequest, silenceMs: number): Promise<IncomingMessage | Refusal> {
  return new Promise((resolve) => {
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => resolve({ status: 502, why: `the host broke off (${codeOf(error)})` }));
    outgoing.once('close', () => resolve({ status: 502, why: 'the host broke off' }));
    outgoing.setTimeout(silenceMs, () => {
      resolve({ status: 504, why: `the host was silent for ${Math.round(silenceMs / 1_000)} s` });
      outgoing.destroy();
    });
  });
}

async function connectTo(
  context: ProxyContext,
  { host, port, tls }: Outgoing,
  window: Window,
): Promise<Socket | (Refusal & { readonly barred: boolean })> {
  const dialled = await context.dial({ host, port }, window.over);
  if (!dialled.ok)
    return { status: dialled.barred ? 403 : 502, why: `${host}: ${dialled.problem}`, barred: dialled.barred };
  window.hold(dialled.socket);
  if (!tls) return dialled.socket;
  try {
    const secure = await secured(context, dialled.socket, host);
    window.hold(secure);
    return secure;
  } catch (error) {
    dialled.socket.destroy();
    return { status: 502, why: `${host} could not prove who it is, or broke off (${codeOf(error)})`, barred: false };
  }
}

interface Leaving {
  readonly to: Outgoing;
  readonly socket: Socket;
  readonly counter: Counter;
}

async function pass(context: ProxyContext, exchange: Exchange, { to, socket, counter }: Leaving): Promise<void> {
  const { request, response, window } = exchange;
  const secrets = secretsFor(to.host, context.secrets, context.hideSecret);
  const outgoing = httpRequest({
    // No `agent`, not even `false`: one would make a connection of its own, to an address nobody judged.
    createConnection: () => socket,
    method: request.method ?? 'GET',
    path: to.path,
    headers: outgoingHeaders(exchange, to, secrets),
    setDefaultHeaders: false,
  });
  response.once('close', () => outgoing.destroy());
  const answering = answered(outgoing, context.silenceMs);
  counter.sent(sizeOf(request));
  pipeline(
    request,
    counting((bytes) => counter.sent(bytes)),
    outgoing,
  ).catch(() => outgoing.destroy());
  const incoming = await answering;
  if ('why' in incoming) return answer(response, window.tally.room() ? incoming : FULL);
  return receive(incoming, exchange, { secrets, counter });
}

/** Resolves when the client has its answer, or is gone. Rejects as the log does; the client then has none. */
export async function forward(context: ProxyContext, exchange: Exchange, to: Outgoing): Promise<void> {
  const { request, response, window } = exchange;
  const method = request.method ?? 'GET';
  const route = { host: to.host, port: to.port, method };
  const counter = await window.tally.attempt({
    ...route,
    allowed: true,
    rule: to.rule.preset ?? showNetworkRule(to.rule),
    why: null,
  });
  if (counter === null) return refuse(exchange, route, FULL);
  const socket = await connectTo(context, to, window);
  if ('why' in socket) return socket.barred ? refuse(exchange, route, socket) : answer(response, socket);
  try {
    await pass(context, exchange, { to, socket, counter });
  } catch (error) {
    // What Node refuses to send on (a status of 42, a character in a header) is no fault of this run.
    if (!codeOf(error).startsWith('ERR_')) throw error;
    answer(response, { status: 502, why: `this cannot be passed on (${codeOf(error)})` });
  } finally {
    socket.destroy();
  }
}
