/** An egress proxy with the outside on loopback: names lead to servers that write down every byte they get. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as tlsConnect, TLSSocket } from 'node:tls';
import type { RunEvent } from '../../src/core/event.ts';
import { NO_EGRESS } from '../../src/core/egress-event.ts';
import type { EgressUse } from '../../src/core/egress-event.ts';
import type { NetworkRule, NetworkRules } from '../../src/core/network.ts';
import { createAuthority } from '../../src/egress/authority.ts';
import type { Authority } from '../../src/egress/authority.ts';
import type { Dial } from '../../src/egress/dialer.ts';
import { createEgress } from '../../src/egress/index.ts';
import { hideSecret } from '../../src/gateway/held-back.ts';
import type { EgressRun, EgressSecret } from '../../src/ports/egress.ts';

export interface Arrived {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly tls: boolean;
}

export interface Outside {
  readonly arrived: readonly Arrived[];
  /** Every byte that came, TLS as it was read. */
  bytes(): string;
  readonly dialled: readonly string[];
  readonly dial: Dial;
  readonly roots: readonly string[];
  close(): Promise<void>;
}

export type Answering = (request: Arrived, response: ServerResponse) => void;

const authorities: Promise<Authority>[] = [];

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** One server for every name and every port: TLS where the first byte says so, with a certificate for the name asked for. */
export async function startOutside(
  answer: Answering = ({ method, path }, response) => void response.end(`${method} ${path}`),
): Promise<Outside> {
  // One for all tests of a file: making its key takes longest.
  authorities[0] ??= createAuthority();
  const authority = await authorities[0];
  const arrived: Arrived[] = [];
  const heard: Buffer[] = [];
  const dialled: string[] = [];
  const sockets = new Set<Socket>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const body = await bodyOf(request).catch(() => null);
    if (body === null) return void response.destroy();
    const tls = request.socket instanceof TLSSocket;
    const one = { host: headers.host ?? '', method, path: url, headers, body, tls };
    arrived.push(one);
    return answer(one, response);
  };
  const http = createServer((request, response) => {
    void take(request, response);
  });
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] !== 22) {
        http.emit('connection', socket);
        // After that: the server would otherwise read from the handle itself, and nobody else would hear.
        socket.on('data', (chunk: Buffer) => void heard.push(chunk));
        socket.resume();
        return;
      }
      const secure = new TLSSocket(socket, {
        isServer: true,
        SNICallback: (name, done) => done(null, authority.contextFor(name)),
        secureContext: authority.contextFor('nobody.example.com'),
      });
      secure.on('error', () => undefined);
      secure.on('data', (chunk: Buffer) => void heard.push(chunk));
      http.emit('connection', secure);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    arrived,
    bytes: () => Buffer.concat(heard).toString('latin1'),
    dialled,
    roots: [authority.certificate],
    async dial(to) {
      dialled.push(`${to.host}:${to.port}`);
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      await once(socket, 'connect');
      return { ok: true, socket };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function rule(host: string, patch: Partial<NetworkRule> = {}): NetworkRule {
  const tls = patch.tls ?? true;
  return { host, port: tls ? 443 : 80, tls, methods: 'read-only', preset: null, reason: null, ...patch };
}

export interface RoomOptions {
  readonly allow: readonly NetworkRule[];
  readonly egressBytes?: NetworkRules['egressBytes'];
  readonly secrets?: readonly EgressSecret[];
  readonly answer?: Answering;
  readonly used?: EgressUse;
  readonly dial?: Dial;
  /** Roots that servers outside are held to; those of the outside when left out. */
  readonly roots?: readonly string[];
  readonly record?: (events: readonly RunEvent[]) => Promise<void>;
}

export interface EgressRoom {
  readonly outside: Outside;
  readonly run: EgressRun;
  readonly events: readonly RunEvent[];
  /** Path of the proxy's socket. */
  readonly socket: string;
  /** Ends the window and returns what was counted. */
  end(): Promise<readonly RunEvent[]>;
  close(): Promise<void>;
}

export async function openEgressRoom(options: RoomOptions): Promise<EgressRoom> {
  const outside = await startOutside(options.answer);
  const events: RunEvent[] = [];
  const { dial = outside.dial } = options;
  const egress = createEgress({ hideSecret, dial, roots: options.roots ?? outside.roots });
  const run = await egress.open({
    network: { allow: options.allow, egressBytes: options.egressBytes ?? 'unlimited' },
    secrets: options.secrets ?? [],
    record: options.record ?? (async (more) => void events.push(...more)),
  });
  const window = run.begin(1, options.used ?? NO_EGRESS);
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> => (ended ??= window.end());
  return {
    outside,
    run,
    events,
    socket: run.access.forwards[0]?.socket ?? '',
    async end() {
      await end();
      return events;
    },
    async close() {
      await end().catch(() => undefined);
      await run.close();
      await outside.close();
    },
  };
}

/** Sends exactly these bytes and reads until the other side is done. */
export async function speak(socket: Socket, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  for (const piece of pieces) socket.write(piece);
  await Promise.race([closed, once(socket, 'end').catch(() => undefined)]);
  socket.destroy();
  return Buffer.concat(chunks).toString('latin1');
}

/** A request in bytes, to the proxy. */
export function raw(path: string, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return speak(connect({ path, allowHalfOpen: true }), ...pieces);
}

export function plain(method: string, url: string, host: string, more = ''): string {
  return `${method} ${url} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${more}\r\n`;
}

/** Asks for a tunnel; the answer's head, and the socket behind it. */
export async function tunnel(
  path: string,
  authority: string,
): Promise<{ readonly head: string; readonly socket: Socket }> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    head += chunk.toString('latin1');
  }
  return { head, socket };
}

export interface Secured {
  readonly servername: string;
  readonly ca: string;
}

/** One request through TLS in a tunnel; rejects as TLS does. */
export async function secured(socket: Socket, { servername, ca }: Secured, request: string): Promise<string> {
  const secure = tlsConnect({ socket, servername, ca: [ca], ALPNProtocols: ['http/1.1'] });
  await once(secure, 'secureConnect');
  return speak(secure, request);
}
