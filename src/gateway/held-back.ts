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
  for (let length = Math.min(bytes.length, secret.length - 1); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) return length;
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
      const all = mask(Buffer.concat([held, bytes]), wanted);
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
