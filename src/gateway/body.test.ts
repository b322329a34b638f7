import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, readBody } from './body.ts';
import type { BodyReading } from './body.ts';

const HERE = new AbortController().signal;
const TEXT = JSON.stringify({ model: 'acme/coder', messages: ['é'.repeat(500)] });

/** What Node's parser hands over, without a connection. */
function requestOf(chunks: readonly Uint8Array[], encoding?: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (encoding !== undefined) request.headers['content-encoding'] = encoding;
  for (const chunk of chunks) request.push(chunk);
  request.complete = true;
  request.push(null);
  return request;
}

async function problemOf(reading: Promise<BodyReading | null>): Promise<string> {
  const body = await reading;
  return body === null || body.ok ? 'none' : body.problem;
}

describe('the body of a request', () => {
  it.each([
    ['identity', (text: string) => Buffer.from(text)],
    ['gzip', gzipSync],
    [' GZIP ', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is read whole and without its content encoding: %s', async (encoding, pack) => {
    const sent = pack(TEXT);
    const body = await readBody(requestOf([sent.subarray(0, 10), sent.subarray(10)], encoding), HERE);
    if (body?.ok !== true) throw new Error('the body was not read');
    expect(Buffer.from(body.plain).toString()).toBe(TEXT);
    expect(Buffer.from(body.bytes)).toEqual(sent);
  });

  it.each([
    ['an encoding nobody knows', 'rot13', Buffer.from(TEXT), 'is not known here'],
    ['a name that every object has', 'constructor', Buffer.from(TEXT), 'is not known here'],
    ['two encodings', 'gzip, br', gzipSync(TEXT), 'is not known here'],
    ['bytes that are no gzip', 'gzip', Buffer.from(TEXT), 'is not what its content encoding gzip says'],
    ['a gzip that breaks off', 'gzip', gzipSync(TEXT).subarray(0, 20), 'is not what its content encoding gzip says'],
  ])('is refused for %s', async (_what, encoding, bytes, problem) => {
    expect(await problemOf(readBody(requestOf([bytes], encoding), HERE))).toContain(problem);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is refused where a few bytes become too many: %s', async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(MAX_BODY_BYTES + 1));
    expect(bomb.length).toBeLessThan(200_000);
    expect(await problemOf(readBody(requestOf([bomb], encoding), HERE))).toContain(`content encoding ${encoding}`);
  });

  it('is refused with its length where that is too much', async () => {
    const half = Buffer.alloc(MAX_BODY_BYTES / 2 + 1);
    expect(await problemOf(readBody(requestOf([half, half]), HERE))).toContain(`${MAX_BODY_BYTES + 2} bytes`);
  });

  it('is none where the connection did not last, or nobody waits for it any more', async () => {
    const broken = requestOf([Buffer.from('{')]);
    broken.complete = false;
    broken.destroy();
    expect(await readBody(broken, HERE)).toBe(null);
    const waiting = new IncomingMessage(new Socket());
    const gone = new AbortController();
    const reading = readBody(waiting, gone.signal);
    gone.abort();
    expect(await reading).toBe(null);
    expect(await readBody(new IncomingMessage(new Socket()), AbortSignal.abort())).toBe(null);
  });
});
