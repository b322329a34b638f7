/** The bounded output of a turn: both streams as they came, its beginning and its end, and how much is left out. */

/** How many bytes of a turn's output are kept for the record. A flood is counted whole by the sandbox and kept cut. */
export const KEPT_OUTPUT_BYTES: number = 512 * 1_024;

export interface KeptOutput {
  push(bytes: Uint8Array): void;
  /** Never longer than the limit plus the one line that says what is left out. */
  bytes(): Uint8Array;
}

export function createKeptOutput(limitBytes: number = KEPT_OUTPUT_BYTES): KeptOutput {
  const headLimit = Math.ceil(limitBytes / 2);
  const tailLimit = limitBytes - headLimit;
  const head: Uint8Array[] = [];
  let tail: Uint8Array[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let droppedBytes = 0;

  function keepEnd(bytes: Uint8Array): void {
    // Copies, because a small view would keep the whole buffer it was cut from alive.
    tail.push(Uint8Array.from(bytes));
    tailBytes += bytes.length;
    // Shortening only at twice the limit keeps a flood of tiny pieces linear.
    if (tailBytes > tailLimit * 2) shorten();
  }

  function shorten(): void {
    const whole = Buffer.concat(tail);
    const kept = whole.subarray(Math.max(0, whole.length - tailLimit));
    droppedBytes += whole.length - kept.length;
    tail = [Uint8Array.from(kept)];
    tailBytes = kept.length;
  }

  return {
    push(bytes) {
      const fits = Math.min(bytes.length, headLimit - headBytes);
      if (fits > 0) head.push(Uint8Array.from(bytes.subarray(0, fits)));
      headBytes += fits;
      if (fits < bytes.length) keepEnd(bytes.subarray(fits));
    },
    bytes() {
      shorten();
      const marker = droppedBytes === 0 ? '' : `\n[loopwright: ${droppedBytes} bytes of output are not kept here]\n`;
      return Uint8Array.from(Buffer.concat([...head, Buffer.from(marker), ...tail]));
    },
  };
}
