/**
 * A secret in a stream that passes: replaced by as many `*`, wherever the stream was cut. Only what may be the beginning
 * of a secret is held back, so bytes of an innocent stream pass at once and unchanged.
 */

export interface PassingStream {
  push(bytes: Uint8Array): Uint8Array;
  /** What was still held back. */
  end(): Uint8Array;
}

/** Longest end of `bytes` that is a beginning of `secret`, but not all of it. */
function begunAtEnd(bytes: Buffer, secret: Buffer): number {
  const [first = 0] = secret;
  let at = bytes.indexOf(first, Math.max(0, bytes.length - secret.length + 1));
  // Looked for by its first byte: this runs over every piece of every answer.
  for (; at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (bytes.compare(secret, 0, bytes.length - at, at) === 0) return bytes.length - at;
  }
  return 0;
}

function mask(bytes: Buffer, secret: Buffer): Buffer {
  let at = bytes.indexOf(secret);
  if (at < 0) return bytes;
  const masked = Buffer.from(bytes);
  for (; at >= 0; at = bytes.indexOf(secret, at + secret.length)) masked.fill(0x2a, at, at + secret.length);
  return masked;
}

/** `secret` null: everything passes. */
export function hideSecret(secret: string | null): PassingStream {
  if (secret === null || secret === '') return { push: (bytes) => bytes, end: () => new Uint8Array() };
  const wanted = Buffer.from(secret);
  let held: Buffer = Buffer.alloc(0);
  return {
    push(bytes) {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const all = mask(held.length === 0 ? whole : Buffer.concat([held, whole]), wanted);
      const begun = begunAtEnd(all, wanted);
      held = all.subarray(all.length - begun);
      return all.subarray(0, all.length - begun);
    },
    end() {
      const rest = held;
      held = Buffer.alloc(0);
      return rest;
    },
  };
}
