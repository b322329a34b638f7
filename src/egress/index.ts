/**
 * The egress proxy: the one way from a sandbox to hosts besides its models. Outside, in the supervisor's own process; names
 * are resolved here, addresses are judged here, and every attempt is on the record before anything leaves.
 */
import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { assert } from '../core/errors.ts';
import type { Destination } from '../core/network.ts';
import type { Egress, EgressAccess, EgressRequest, EgressRun } from '../ports/egress.ts';
import { createAuthority } from './authority.ts';
import type { Authority } from './authority.ts';
import { refusedRoute } from './context.ts';
import type { ProxyContext } from './context.ts';
import { createDialer } from './dialer.ts';
import type { Dial } from './dialer.ts';
import { createProxyServer, listen } from './listen.ts';
import type { Listening } from './listen.ts';
import { openedRequest, plainRequest } from './requests.ts';
import type { HideSecret } from './secrets.ts';
import { onConnect } from './tunnels.ts';
import { CA_ALONE, CA_VARIABLES, CA_WITH_ROOTS, proxyVariables } from './variables.ts';
import { createWindow } from './window.ts';
import type { Window } from './window.ts';

export interface EgressOptions {
  readonly hideSecret: HideSecret;
  /** Default: by the resolver of this machine, to public addresses only. Another one is for tests. */
  readonly dial?: Dial;
  /** Roots that servers outside are held to, PEM. Default: those of Node. */
  readonly roots?: readonly string[];
  /** Longest silence within a connection, milliseconds; shorter only in tests. */
  readonly silenceMs?: number;
}

/** The loopback port inside a sandbox; its network is the run's own, so it collides with nothing. */
const INSIDE_PORT = 4_142;

/** Registries build some answers before they send the first byte. */
const SILENCE_MS = 300_000;

function needsAuthority({ network, secrets }: EgressRequest): boolean {
  return secrets.length > 0 || network.allow.some(({ tls, methods }) => tls && methods === 'read-only');
}

function filesOf(authority: Authority | null, roots: readonly string[]): Readonly<Record<string, string>> {
  if (authority === null) return {};
  const { certificate } = authority;
  return { 'ca.pem': certificate, 'roots.pem': [...roots, certificate].map((pem) => pem.trim()).join('\n') };
}

function accessOf({ socket, files }: Listening): EgressAccess {
  const { 'ca.pem': alone, 'roots.pem': withRoots } = files;
  const known = alone !== undefined && withRoots !== undefined;
  return {
    env: { ...proxyVariables(`http://127.0.0.1:${INSIDE_PORT}`), ...(known ? CA_VARIABLES : {}) },
    forwards: [{ port: INSIDE_PORT, socket }],
    files: known ? { [CA_ALONE]: alone, [CA_WITH_ROOTS]: withRoots } : {},
  };
}

/** The server of the proxy, and one that never listens for requests in TLS that was opened. */
function serve(context: ProxyContext): ReturnType<typeof createProxyServer> {
  const onBroken = (code: string): void => {
    const route = { host: '"no request"', port: null, method: null };
    const window = context.window();
    window?.follow(window.tally.refuse(refusedRoute(route, `what was sent is no request (${code})`)));
  };
  const opened = createProxyServer(onBroken);
  const destinations = new WeakMap<Socket, Destination>();
  opened.on('request', (request, response) => {
    const to = destinations.get(request.socket);
    if (to === undefined) response.destroy();
    else openedRequest(context, to, request, response);
  });
  const onOpened = (secure: TLSSocket, to: Destination): void => {
    destinations.set(secure, to);
    opened.emit('connection', secure);
  };
  const server = createProxyServer(onBroken);
  server.on('request', (request, response) => plainRequest(context, request, response));
  server.on('connect', (request, socket: Socket, head: Buffer) =>
    onConnect(context, { request, socket, head }, onOpened),
  );
  return server;
}

export function createEgress(options: EgressOptions): Egress {
  return {
    async open(request): Promise<EgressRun> {
      let window: Window | null = null;
      const authority = needsAuthority(request) ? await createAuthority() : null;
      const server = serve({
        network: request.network,
        secrets: request.secrets,
        hideSecret: options.hideSecret,
        dial: options.dial ?? createDialer(),
        authority,
        roots: options.roots ?? null,
        window: () => window,
        silenceMs: options.silenceMs ?? SILENCE_MS,
      });
      const listening = await listen(server, filesOf(authority, options.roots ?? rootCertificates));
      let closing: Promise<void> | null = null;
      return {
        access: accessOf(listening),
        begin(iteration, used) {
          assert(window === null, 'one window of the egress proxy at a time');
          const { record, network } = request;
          const begun = createWindow({ iteration, used, ceiling: network.egressBytes, record });
          window = begun;
          return {
            async end() {
              window = null;
              await begun.end();
            },
          };
        },
        close() {
          closing ??= (async () => {
            await window?.end();
            await listening.close();
          })();
          return closing;
        },
      };
    },
  };
}
