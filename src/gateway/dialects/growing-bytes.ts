/** Bytes gathered from pieces of any size: a million pieces of one byte take no more memory than one of a million. */

export interface GrowingBytes {
  append(bytes: Uint8Array): void;
  /** All that is held; valid until the next call. */
  view(): Uint8Array;
  /** Lets go of so many bytes at the beginning. */
  drop(count: number): void;
  size(): number;
}

const FIRST_BYTES = 4_096;

export function createGrowingBytes(): GrowingBytes {
  let held = new Uint8Array(0);
  let size = 0;
  return {
    append: (bytes) => {
      if (size + bytes.length > held.length) {
        const larger = new Uint8Array(Math.max(FIRST_BYTES, 2 * (size + bytes.length)));
        larger.set(held.subarray(0, size));
        held = larger;
      }
      held.set(bytes, size);
      size += bytes.length;
    },
    view: () => held.subarray(0, size),
    drop: (count) => {
      held.copyWithin(0, count, size);
      size -= count;
      if (size === 0) held = new Uint8Array(0);
    },
    size: () => size,
  };
}
