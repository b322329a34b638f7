/** `CONNECT host:port`: TLS that passes unopened to a host whose rule allows everything, or is opened where requests have to be seen. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readHostName } from '../core/host-name.ts';
import { networkRuleFor, showNetworkRule } from '../core/network.ts';
import type { Destination, NetworkRule } from '../core/network.ts';
import { readClientHello } from './client-hello.ts';
import { CLOSED, FULL, opensTls, refusedRoute, said } from './context.ts';
import type { ProxyContext, Refusal } from './context.ts';
import { uncovered } from './requests.ts';
import { readAuthority, shownHost } from './target.ts';
import type { Counter } from './tally.ts';
import type { Window } from './window.ts';

/** For the first words of a client, milliseconds. */
const HELLO_MS = 20_000;

/** A fatal alert, `unrecognized_name` (RFC 8446, section 6.2): what a client in TLS understands. */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

const OPEN = 'HTTP/1.1 200 Connection established\r\n\r\n';

const REASONS: Readonly<Record<number, string>> = { 403: 'Forbidden', 502: 'Bad Gateway' };

function tell(socket: Socket, { status, why }: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = said(why);
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

interface Tunnel {
  readonly context: ProxyContext;
  readonly window: Window;
  readonly socket: Socket;
  readonly to: Destination;
  readonly rule: NetworkRule;
}

/** Everything of the hello, however it was cut; null where the client left, or said nothing of the kind. */
function firstWords(
  socket: Socket,
): Promise<{ readonly bytes: Buffer; readonly problem: string | null; readonly name: string }> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const give = (problem: string | null, name = ''): void => {
      socket.off('data', onData).off('close', onClose).off('end', onClose);
      socket.pause();
      socket.setTimeout(0).off('timeout', onSilence);
      resolve({ bytes, problem, name });
    };
    const onClose = (): void => give('the client left');
    const onSilence = (): void => give('the client says nothing');
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const hello = readClientHello(bytes);
      if (hello.kind === 'partial') return;
      if (hello.kind === 'other') return give(`only TLS passes: ${hello.problem}`);
      if (hello.encrypted) return give('the client hides which host it means (encrypted client hello)');
      if (hello.serverName === null) return give('the client does not say which host it means (no server name)');
      give(null, hello.serverName);
    };
    socket.setTimeout(HELLO_MS, onSilence);
    socket.on('data', onData).once('close', onClose).once('end', onClose);
    // A client that does not take turns had its first words in with the request.
    socket.resume();
  });
}

/** Why the name in the hello is not the host that was asked for; null where it is. */
function nameProblem(name: string, host: string): string | null {
  const reading = readHostName(name);
  return reading.ok && reading.host === host
    ? null
    : 'the client asks the proxy for one host and means another (server name)';
}

async function hang({ window, socket, to }: Tunnel, why: string): Promise<void> {
  await window.tally.refuse(refusedRoute({ host: to.host, port: to.port, method: 'CONNECT' }, why));
  if (socket.writable) socket.end(ALERT, () => socket.destroy());
  else socket.destroy();
}

/** Bytes both ways until either end is done with it. */
function join(
  inside: Socket,
  outside: Socket,
  { counter, silenceMs }: { counter: Counter; silenceMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      inside.destroy();
      outside.destroy();
      resolve();
    };
    inside.on('data', (chunk: Buffer) => void (counter.sent(chunk.length) || end()));
    outside.on('data', (chunk: Buffer) => void (counter.received(chunk.length) || end()));
    for (const socket of [inside, outside]) {
      socket.on('error', end).once('close', end);
      socket.setTimeout(silenceMs, end);
    }
    inside.pipe(outside);
    outside.pipe(inside);
  });
}

async function passUnopened(tunnel: Tunnel): Promise<void> {
  const { context, window, socket, to, rule } = tunnel;
  const route = { host: to.host, port: to.port, method: 'CONNECT' };
  const counter = await window.tally.attempt({ ...route, allowed: true, rule: showNetworkRule(rule), why: null });
  if (counter === null) {
    await window.tally.refuse(refusedRoute(route, FULL.why));
    return tell(socket, FULL);
  }
  const dialled = await context.dial(to, window.over);
  if (!dialled.ok) {
    const why = `${to.host}: ${dialled.problem}`;
    if (dialled.barred) await window.tally.refuse(refusedRoute(route, why));
    return tell(socket, { status: dialled.barred ? 403 : 502, why });
  }
  window.hold(dialled.socket);
  dialled.socket.on('error', () => socket.destroy());
  socket.write(OPEN);
  const { bytes, problem, name } = await firstWords(socket);
  const against = problem ?? nameProblem(name, to.host);
  if (against !== null) {
    dialled.socket.destroy();
    return hang(tunnel, against);
  }
  dialled.socket.write(bytes);
  if (counter.sent(bytes.length)) await join(socket, dialled.socket, { counter, silenceMs: context.silenceMs });
  else [socket, dialled.socket].forEach((end) => end.destroy());
}

export type OnOpened = (secure: TLSSocket, to: Destination) => void;

async function open(tunnel: Tunnel, onOpened: OnOpened): Promise<void> {
  const { context, window, socket, to } = tunnel;
  const { authority } = context;
  if (authority === null) return hang(tunnel, 'this run has no certificates');
  socket.write(OPEN);
  const { bytes, problem, name } = await firstWords(socket);
  const against = problem ?? nameProblem(name, to.host);
  if (against !== null) return hang(tunnel, against);
  socket.unshift(bytes);
  const secureContext = authority.contextFor(to.host);
  const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
  secure.on('error', () => secure.destroy());
  secure.setTimeout(context.silenceMs, () => secure.destroy());
  window.hold(secure);
  return onOpened(secure, to);
}

async function connectRequest(
  context: ProxyContext,
  window: Window,
  asked: { readonly url: string; readonly socket: Socket; readonly onOpened: OnOpened },
): Promise<void> {
  const { url, socket, onOpened } = asked;
  const refused = async (host: string, port: number | null, refusal: Refusal): Promise<void> => {
    await window.tally.refuse(refusedRoute({ host, port, method: 'CONNECT' }, refusal.why));
    tell(socket, refusal);
  };
  const target = readAuthority(url, null);
  if (!target.ok) return refused(shownHost(url), null, { status: 403, why: `what was asked for ${target.problem}` });
  const to: Destination = { host: target.host, port: target.port, tls: true };
  const rule = networkRuleFor(context.network, to);
  if (rule === null) return refused(to.host, to.port, uncovered(to));
  const tunnel = { context, window, socket, to, rule };
  return opensTls(rule, context.secrets, to.host) ? open(tunnel, onOpened) : passUnopened(tunnel);
}

/** Never throws: a failure to write is a failure of the window, and ends the connection. */
export function onConnect(
  context: ProxyContext,
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Socket; readonly head: Buffer },
  onOpened: OnOpened,
): void {
  socket.on('error', () => socket.destroy());
  const window = context.window();
  if (window === null || window.over.aborted) return tell(socket, CLOSED);
  window.hold(socket);
  if (head.length > 0) socket.unshift(head);
  window.follow(
    connectRequest(context, window, { url: request.url ?? '', socket, onOpened }).catch((error: unknown) => {
      socket.destroy();
      throw error;
    }),
  );
}
