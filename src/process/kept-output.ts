/** Bounded memory of an unbounded stream: its first half and its last half, and how long it really was. */

export interface KeptOutput {
  add(bytes: Uint8Array): void;
  /** Exact number of bytes seen, also beyond what was kept. */
  readonly totalBytes: number;
  /** What was kept, with a marker where bytes were left out. The marker comes on top of `keepBytes`. */
  read(): Uint8Array;
}

/** Buffers start this small and double: most processes write little, and many run at a time. */
const FIRST_BYTES = 4_096;

function grown(buffer: Buffer<ArrayBuffer>, neededBytes: number, capBytes: number): Buffer<ArrayBuffer> {
  if (buffer.length >= neededBytes) return buffer;
  let size = Math.max(buffer.length, FIRST_BYTES);
  while (size < neededBytes) size *= 2;
  const larger = Buffer.allocUnsafe(Math.min(size, capBytes));
  buffer.copy(larger);
  return larger;
}

export function leftOutMarker(bytes: number): string {
  return `\n[... ${bytes} bytes left out ...]\n`;
}

/**
 * Bytes are copied out of the chunks they came in, so a stream of one-byte writes costs what was kept and not one object
 * per write.
 */
export function keepOutput(keepBytes: number): KeptOutput {
  const headCap = Math.ceil(keepBytes / 2);
  const tailCap = Math.floor(keepBytes / 2);
  let head = Buffer.alloc(0);
  let headBytes = 0;
  // A ring once it is full: the next byte goes to `tailBytes % tailCap`.
  let tail = Buffer.alloc(0);
  let tailBytes = 0;
  let totalBytes = 0;

  function addToHead(bytes: Uint8Array): Uint8Array {
    const taken = Math.min(bytes.length, headCap - headBytes);
    if (taken === 0) return bytes;
    head = grown(head, headBytes + taken, headCap);
    head.set(bytes.subarray(0, taken), headBytes);
    headBytes += taken;
    return bytes.subarray(taken);
  }

  function addToTail(bytes: Uint8Array): void {
    if (tailCap === 0 || bytes.length === 0) {
      tailBytes += bytes.length;
      return;
    }
    const skipped = Math.max(0, bytes.length - tailCap);
    tailBytes += skipped;
    let rest = bytes.subarray(skipped);
    tail = grown(tail, Math.min(tailCap, tailBytes + rest.length), tailCap);
    while (rest.length > 0) {
      const at = tailBytes % tailCap;
      const piece = rest.subarray(0, tailCap - at);
      tail.set(piece, at);
      tailBytes += piece.length;
      rest = rest.subarray(piece.length);
    }
  }

  function readTail(): Buffer {
    if (tailCap === 0) return Buffer.alloc(0);
    if (tailBytes <= tailCap) return tail.subarray(0, tailBytes);
    const seam = tailBytes % tailCap;
    return Buffer.concat([tail.subarray(seam, tailCap), tail.subarray(0, seam)]);
  }

  return {
    add(bytes) {
      totalBytes += bytes.length;
      addToTail(addToHead(bytes));
    },
    get totalBytes() {
      return totalBytes;
    },
    read() {
      const leftOut = totalBytes - headBytes - Math.min(tailBytes, tailCap);
      const marker = leftOut > 0 && keepBytes > 0 ? leftOutMarker(leftOut) : '';
      return new Uint8Array(Buffer.concat([head.subarray(0, headBytes), Buffer.from(marker), readTail()]));
    },
  };
}
