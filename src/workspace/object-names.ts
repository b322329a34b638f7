/** Names as git holds them: bytes, not text. */

export interface GitName {
  /** Exact when the bytes are valid UTF-8; otherwise each invalid byte is written as `%XX`. */
  readonly path: string;
  /** Base64 of the exact bytes, only where `path` is not exact. */
  readonly pathBytes?: string;
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeName(bytes: Uint8Array): GitName {
  try {
    return { path: STRICT.decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { path: escapeInvalid(bytes), pathBytes: Buffer.from(bytes).toString('base64') };
  }
}

function escapeInvalid(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = validLength(bytes, at);
    if (length === 0) {
      text += `%${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
      at += 1;
    } else {
      text += STRICT.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence that starts here, or 0. */
function validLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    try {
      STRICT.decode(bytes.subarray(at, at + length));
      return length;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return 0;
}

/** Splits what git prints with `-z`. */
export function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0, start);
    if (end === -1) break;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start < bytes.length) parts.push(bytes.subarray(start));
  return parts;
}

export function joinNul(names: readonly Uint8Array[]): Buffer {
  return Buffer.concat(names.flatMap((name) => [name, Buffer.of(0)]));
}

/** SHA-1 or SHA-256 object id. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The id that stands for "does not exist", in the hash of the repository. */
export function zeroLike(objectId: string): string {
  return '0'.repeat(objectId.length);
}
