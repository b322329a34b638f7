/** Bytes to a Unix socket as they are: for clients that do not keep to HTTP. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  /** Everything that came back, once the other side closed. */
  readonly closed: Promise<string>;
}

export async function rawClient(path: string, bytes: string): Promise<RawClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<string>((resolve) => {
    // A reset is a way to close, too.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => {
    socket.write(bytes, () => resolve());
  });
  return { socket, closed };
}
