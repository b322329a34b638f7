/** One request to a vendor: sent as it is, answered as it comes. */
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { systemCode } from '../core/system-code.ts';
import type { Headers } from './dialects/dialect.ts';
import { unpackedAnswer } from './unpacked-answer.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export type UpstreamAnswer =
  /** `message` is without content encoding, and `headers` name none. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly message: Readable }
  /** `sent`: the vendor may have read the request before the connection broke. */
  | { readonly kind: 'none'; readonly sent: boolean; readonly problem: string };

export interface Upstream {
  /** Never rejects. When `signal` aborts, the connection is closed. */
  ask(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer>;
  close(): void;
}

/** Longest silence of a vendor, before its answer and within it, milliseconds. Long reasoning sends nothing for minutes. */
export const SILENCE_MS = 600_000;

/** A connection nobody used for this long is closed, well before a vendor does: a request must not meet its end. */
const IDLE_CONNECTION_MS = 4_000;

/** Of an answer that is read whole; the rest of a longer one is thrown away. */
const MAX_WHOLE_BYTES = 1_024 * 1_024;

/** Never rejects: a vendor that breaks off in the middle has said as much as it will. */
export async function wholeAnswer(message: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  message.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_WHOLE_BYTES) chunks.push(chunk);
  });
  await new Promise<void>((resolve) => {
    message.once('error', () => resolve());
    message.once('close', resolve);
    message.once('end', resolve);
  });
  return Buffer.concat(chunks);
}

function plainHeaders(headers: Headers): Record<string, string | string[]> {
  const plain: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : [...value];
  }
  return plain;
}

/** Errors of a connection that never was: nobody can have read anything. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function problemOf(error: unknown, connected: boolean): { readonly sent: boolean; readonly problem: string } {
  const code = systemCode(error) ?? 'unknown';
  return { sent: connected && !NEVER_CONNECTED.has(code), problem: `the vendor could not be reached (${code})` };
}

function answerOf(outgoing: ClientRequest, silenceMs: number): Promise<UpstreamAnswer> {
  return new Promise((resolve) => {
    let connected = false;
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (connected = true));
      else connected = true;
    });
    outgoing.once('response', (message) => {
      resolve({ kind: 'answer', status: message.statusCode ?? 502, ...unpackedAnswer(message) });
    });
    outgoing.on('error', (error) => resolve({ kind: 'none', ...problemOf(error, connected) }));
    outgoing.setTimeout(silenceMs, () => {
      resolve({
        kind: 'none',
        sent: connected,
        problem: `the vendor was silent for ${Math.round(silenceMs / 1_000)} s`,
      });
      outgoing.destroy();
    });
  });
}

/** `silenceMs` is for tests. */
export function createUpstream(silenceMs: number = SILENCE_MS): Upstream {
  // As many connections as there are calls; each is used again for the next one.
  const kept = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
  const agents = { 'http:': new PlainAgent(kept), 'https:': new TlsAgent(kept) };
  return {
    ask({ method, url, headers, body }, signal) {
      if (signal.aborted) return Promise.resolve({ kind: 'none', sent: false, problem: 'the turn is over' });
      const target = new URL(url);
      const outgoingHeaders = { ...plainHeaders(headers), 'content-length': String(body.length) };
      const options = { method, headers: outgoingHeaders, signal };
      const outgoing =
        target.protocol === 'http:'
          ? plainRequest(target, { ...options, agent: agents['http:'] })
          : tlsRequest(target, { ...options, agent: agents['https:'] });
      const answer = answerOf(outgoing, silenceMs);
      outgoing.end(body);
      return answer;
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
