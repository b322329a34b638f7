/** The body of a request, read whole: what is asked for has to be known before it is paid for. */
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** Above what any vendor takes (32 MB for Messages, 50 MB for files inline); a larger one is refused unread. */
export const MAX_BODY_BYTES: number = 64 * 1_024 * 1_024;

export type BodyReading =
  /** `bytes` as they were sent; `plain` without content encoding. */
  | { readonly ok: true; readonly bytes: Uint8Array; readonly plain: Uint8Array }
  | { readonly ok: false; readonly problem: string };

const UNPACK: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

function unpacked(bytes: Uint8Array, encoding: string): BodyReading {
  if (encoding === '' || encoding === 'identity') return { ok: true, bytes, plain: bytes };
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (unpack === undefined) return { ok: false, problem: `its content encoding "${encoding}" is not known here` };
  try {
    return { ok: true, bytes, plain: unpack(bytes, { maxOutputLength: MAX_BODY_BYTES }) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, problem: `its body is not what its content encoding ${encoding} says: ${error.message}` };
  }
}

/** null: the connection did not last as long as the body. Of one that is too large, only the length is kept. */
async function received(request: IncomingMessage): Promise<{ readonly bytes: Buffer; readonly length: number } | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch (error) {
    if (request.complete) throw error;
    return null;
  }
  return { bytes: Buffer.concat(chunks), length };
}

/**
 * A body that is too large is read to its end and thrown away. null: whoever sent it is gone, or `gone` aborted, which closes
 * the connection: half a body must not keep a turn from ending.
 */
export async function readBody(request: IncomingMessage, gone: AbortSignal): Promise<BodyReading | null> {
  const close = (): void => void request.destroy();
  if (gone.aborted) close();
  gone.addEventListener('abort', close, { once: true });
  const body = await received(request);
  gone.removeEventListener('abort', close);
  if (body === null) return null;
  const { bytes, length } = body;
  if (length > MAX_BODY_BYTES) {
    return { ok: false, problem: `its body has ${length} bytes; at most ${MAX_BODY_BYTES} are read` };
  }
  return unpacked(bytes, (request.headers['content-encoding'] ?? '').trim().toLowerCase());
}
