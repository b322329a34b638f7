/**
 * An answer without its content encoding. None is asked for; a vendor that packs its answer all the same would else be
 * metered and searched for keys in bytes that say nothing.
 */
import type { IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Headers } from './dialects/dialect.ts';

const UNPACK: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

export interface UnpackedAnswer {
  readonly headers: Headers;
  /** Fails where the packing breaks off, and at once where nobody here knows it: what cannot be read is not passed on. */
  readonly message: Readable;
}

export function unpackedAnswer(message: IncomingMessage): UnpackedAnswer {
  const { 'content-encoding': named = '', ...headers } = message.headers;
  const encoding = named.trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return { headers: message.headers, message };
  const create = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (create === undefined) {
    message.destroy();
    const error = new Error(`the content encoding "${encoding}" is not known here`);
    const failing = new Readable({ read: () => void failing.destroy(error) });
    return { headers, message: failing };
  }
  const unpacking = create();
  // Its end and its error are the reader's to see, on the stream itself.
  pipeline(message, unpacking, () => undefined);
  return { headers, message: unpacking };
}
