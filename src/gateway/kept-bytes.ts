/** An answer as it is kept for the record: in one growing place, for it comes in thousands of small pieces. */

/** Most answers fit. */
const FIRST_BYTES = 16 * 1_024;

export interface KeptBytes {
  push(bytes: Uint8Array): void;
  /** What is beyond the most is not kept. */
  readonly full: () => boolean;
  bytes(): Uint8Array;
}

export function createKeptBytes(mostBytes: number): KeptBytes {
  let kept = Buffer.alloc(Math.min(FIRST_BYTES, mostBytes));
  let length = 0;
  const grow = (needed: number): void => {
    if (needed <= kept.length) return;
    const grown = Buffer.alloc(Math.min(mostBytes, Math.max(needed, kept.length * 2)));
    grown.set(kept.subarray(0, length));
    kept = grown;
  };
  return {
    push(bytes) {
      const part = bytes.subarray(0, mostBytes - length);
      grow(length + part.length);
      kept.set(part, length);
      length += part.length;
    },
    full: () => length >= mostBytes,
    bytes: () => kept.subarray(0, length),
  };
}
