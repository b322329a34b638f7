/** Where the proxy of one run listens: a Unix socket in a private directory, with the certificates beside it. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { chmod, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';

export interface Listening {
  readonly socket: string;
  /** Host paths of the files that were asked for, by name. */
  readonly files: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How long a client may take for the head of a request, and for all of it, milliseconds. */
const TIMES = { headersTimeout: 20_000, requestTimeout: 1_800_000, keepAliveTimeout: 60_000 };

/** Package managers open some fifty connections; one that opens more waits for its own. */
const MAX_CONNECTIONS = 256;

/** `onBroken`: told of what was no request at all. */
export function createProxyServer(onBroken: (code: string) => void): Server {
  // Strict, whatever the command line of Node says: two readers must not see two requests.
  // A request without a host is refused by us, on the record.
  const server = createServer({ ...TIMES, insecureHTTPParser: false, requireHostHeader: false });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What comes after a request that closed its connection was answered with that request.
    const { code = '' } = error;
    if (code.startsWith('HPE_') && code !== 'HPE_CLOSED_CONNECTION') onBroken(code);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
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

function unavailable(error: unknown): LoopwrightError {
  return new LoopwrightError('LW_EGRESS_UNAVAILABLE', {
    message: `the egress proxy cannot listen in ${tmpdir()}: ${String(error)}`,
    next: `Check that ${tmpdir()} can be written to and has room; where its path is long, set TMPDIR to a shorter one.`,
    cause: error,
  });
}

/** `files`: content by name. Rejects with `LW_EGRESS_UNAVAILABLE`. */
export async function listen(server: Server, files: Readonly<Record<string, string>>): Promise<Listening> {
  const directory = await mkdtemp(join(tmpdir(), 'loopwright-eg-')).catch((error: unknown) => {
    throw unavailable(error);
  });
  const socket = join(directory, 'egress.sock');
  const paths = Object.fromEntries(Object.keys(files).map((name) => [name, join(directory, name)]));
  const close = async (): Promise<void> => {
    if (server.listening) await closed(server);
    // Names and a directory that were made above: nothing here deletes recursively.
    for (const path of [socket, ...Object.values(paths)]) await rm(path, { force: true });
    await rmdir(directory).catch((error: unknown) => {
      if (!hasSystemCode(error, 'ENOENT')) throw error;
    });
  };
  try {
    for (const [name, text] of Object.entries(files))
      await writeFile(join(directory, name), text, { mode: 0o444, flag: 'wx' });
    await listening(server, socket);
    await chmod(socket, 0o600);
    return { socket, files: paths, close };
  } catch (error) {
    await close();
    throw unavailable(error);
  }
}
