/** A proxy that lets nothing through and writes down who was asked for: an agent's way out, closed and watched. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Outside {
  /** Points every client that honours the usual variables at the proxy, and leaves loopback alone. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts that were asked for, without ports. Clients that ignore the variables are not seen. */
  readonly hosts: () => ReadonlySet<string>;
  close(): Promise<void>;
}

export async function watchOutside(): Promise<Outside> {
  const hosts = new Set<string>();
  const server = createServer((request, response) => {
    hosts.add(new URL(request.url ?? '', 'http://unknown').hostname);
    response.writeHead(403, { 'content-type': 'text/plain' }).end('Nothing but loopback in this test.\n');
  });
  server.on('connect', (request, socket) => {
    hosts.add((request.url ?? '').replace(/:\d+$/, ''));
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const proxy = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  return {
    env: {
      ...Object.fromEntries(names.map((name) => [name, proxy])),
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    },
    hosts: () => hosts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
