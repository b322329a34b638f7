/** Where the gateway of one run listens: a Unix socket in a private directory, and loopback only where there is no sandbox. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { chmod, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';

export interface Listening {
  readonly socket: string;
  /** Loopback port on the host; null where the agent has a network of its own. */
  readonly port: number | null;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How long a client may take for a request, milliseconds: one that trickles must not hold a connection for ever. */
export interface RequestPatience {
  /** For the head. */
  readonly headMs: number;
  /** For all of it. */
  readonly wholeMs: number;
  /** How often that is looked at. */
  readonly lookMs: number;
}

const PATIENCE: RequestPatience = { headMs: 20_000, wholeMs: 120_000, lookMs: 10_000 };

/** Longest path of a Unix socket, bytes (sun_path of unix(7), less its end). */
const MAX_SOCKET_BYTES = 107;

function serverFor(handle: Handler, { headMs, wholeMs, lookMs }: RequestPatience): Server {
  const timeouts = { headersTimeout: headMs, requestTimeout: wholeMs, connectionsCheckingInterval: lookMs };
  const server = createServer({ ...timeouts, keepAliveTimeout: 60_000 }, handle);
  // What is no HTTP at all gets the answer Node has for it, and nothing of ours.
  server.on('clientError', (_error, socket) => {
    // Both ways: a client that waits for ever with half a request would keep its half of the connection.
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

function listening(server: Server, where: { path: string } | { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function unavailable(error: unknown, socket: string): LoopwrightError {
  const tooLong = Buffer.byteLength(socket) > MAX_SOCKET_BYTES;
  return new LoopwrightError('LW_GATEWAY_UNAVAILABLE', {
    message: tooLong
      ? `the path of the gateway's socket has ${Buffer.byteLength(socket)} bytes, and ${MAX_SOCKET_BYTES} fit: ${socket}`
      : `the gateway cannot listen at ${socket}: ${String(error)}`,
    next: tooLong ? 'Set TMPDIR to a shorter directory.' : `Check that ${tmpdir()} can be written to and has room.`,
    cause: error,
  });
}

/** Rejects with `LW_GATEWAY_UNAVAILABLE`. Another patience is for tests. */
export async function listen(
  handle: Handler,
  network: 'own' | 'host',
  patience: RequestPatience = PATIENCE,
): Promise<Listening> {
  const directory = await mkdtemp(join(tmpdir(), 'loopwright-gw-')).catch((error: unknown) => {
    throw unavailable(error, tmpdir());
  });
  const socket = join(directory, 'gateway.sock');
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.splice(0).map(closed));
    // One name and one directory, both made above: nothing here deletes recursively.
    await rm(socket, { force: true });
    await rmdir(directory).catch((error: unknown) => {
      if (!hasSystemCode(error, 'ENOENT')) throw error;
    });
  };
  try {
    const local = serverFor(handle, patience);
    await listening(local, { path: socket });
    servers.push(local);
    await chmod(socket, 0o600);
    if (network === 'own') return { socket, port: null, close };
    const loopback = serverFor(handle, patience);
    await listening(loopback, { port: 0, host: '127.0.0.1' });
    servers.push(loopback);
    const address = loopback.address();
    return { socket, port: typeof address === 'object' && address !== null ? address.port : null, close };
  } catch (error) {
    await close();
    throw unavailable(error, socket);
  }
}
