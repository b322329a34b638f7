/** Passing an answer on while it is metered and kept: back-pressure is the client's, bytes are the vendor's. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { CallEnd } from '../core/model-event.ts';
import type { Headers, Meter, Metered } from './dialects/dialect.ts';
import { passedHeaders } from './headers.ts';
import type { PassingStream } from './held-back.ts';
import { createKeptBytes } from './kept-bytes.ts';

/** Kept of one answer for the record. Longer than any model answers; what is beyond is metered and passed all the same. */
const MAX_KEPT_BYTES = 32 * 1_024 * 1_024;

export interface Passed {
  readonly end: CallEnd;
  readonly metered: Metered;
  readonly kept: Uint8Array;
  readonly bytes: number;
  readonly firstByteMs: number | null;
  readonly problem: string | null;
}

export interface Passing {
  readonly status: number;
  readonly headers: Headers;
  /** Without content encoding. */
  readonly message: Readable;
  readonly client: ServerResponse;
  readonly meter: Meter;
  /** What the client gets of each piece. */
  readonly filters: readonly PassingStream[];
  /** Aborts when loopwright ends the call. */
  readonly over: AbortSignal;
  readonly activity: () => void;
  readonly sinceStartMs: () => number;
}

/** How the answer came to its end: by itself, or by one of three parties. */
function untilEnd({ message, client, over }: Passing): Promise<CallEnd> {
  return new Promise((resolve) => {
    const settle = (end: CallEnd): void => {
      over.removeEventListener('abort', stopped);
      resolve(end);
    };
    const stopped = (): void => settle('stopped');
    if (over.aborted) settle('stopped');
    else over.addEventListener('abort', stopped, { once: true });
    message.once('end', () => settle('complete'));
    message.once('error', () => settle('vendor-cut'));
    message.once('close', () => settle(message.readableEnded ? 'complete' : 'vendor-cut'));
    // `close` of an answer that was not ended means that whoever read it is gone.
    client.once('close', () => settle('agent-left'));
  });
}

/** Sends what came, waiting where the client reads slower than the vendor writes. */
function pass({ message, client, filters, activity }: Passing, saw: (bytes: Uint8Array) => void): void {
  message.on('data', (bytes: Buffer) => {
    saw(bytes);
    activity();
    const out = filters.reduce<Uint8Array>((rest, filter) => filter.push(rest), bytes);
    if (out.length === 0 || client.destroyed) return;
    if (client.write(out)) return;
    message.pause();
    client.once('drain', () => message.resume());
  });
}

function flush({ client, filters }: Passing): void {
  let rest: Uint8Array = new Uint8Array();
  for (const filter of filters) rest = Buffer.concat([filter.push(rest), filter.end()]);
  if (rest.length > 0 && !client.destroyed) client.write(rest);
}

/**
 * Passes the answer on until it ends. The client's own end is left open: it comes once the call is in the ledger and in the
 * log, so that the next call finds both true.
 */
export async function passAnswer(passing: Passing): Promise<Passed> {
  const { status, headers, message, client, meter } = passing;
  const kept = createKeptBytes(MAX_KEPT_BYTES);
  let bytes = 0;
  let firstByteMs: number | null = null;
  let problem: string | null = null;
  // A connection that is reset has nothing more to say than that the answer was cut.
  message.once('error', (error: Error & { code?: unknown }) => {
    if (error.code !== 'ECONNRESET') problem ??= `the answer breaks off: ${error.message}`;
  });
  const ended = untilEnd(passing);
  client.writeHead(status, passedHeaders(headers));
  client.flushHeaders();
  pass(passing, (piece) => {
    firstByteMs ??= passing.sinceStartMs();
    bytes += piece.length;
    meter.push(piece);
    kept.push(piece);
  });
  const end = await ended;
  if (end === 'complete') flush(passing);
  else message.destroy();
  const metered = meter.end(end === 'complete' ? 'complete' : 'cut');
  if (kept.full()) problem ??= `only the first ${MAX_KEPT_BYTES} bytes of the answer are kept`;
  return { end, metered, kept: kept.bytes(), bytes, firstByteMs, problem };
}
