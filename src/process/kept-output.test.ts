import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepOutput, leftOutMarker } from './kept-output.ts';

function expected(whole: Buffer, keepBytes: number): Buffer {
  if (whole.length <= keepBytes) return whole;
  if (keepBytes === 0) return Buffer.alloc(0);
  const head = Math.ceil(keepBytes / 2);
  const tail = whole.subarray(whole.length - Math.floor(keepBytes / 2));
  return Buffer.concat([whole.subarray(0, head), Buffer.from(leftOutMarker(whole.length - keepBytes)), tail]);
}

describe('kept output', () => {
  it('is the first and the last half of any stream, however it was cut into pieces', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
    const property = fc.property(pieces, fc.nat({ max: 200 }), (chunks, keepBytes) => {
      const kept = keepOutput(keepBytes);
      for (const chunk of chunks) kept.add(chunk);
      const whole = Buffer.concat(chunks);
      expect(kept.totalBytes).toBe(whole.length);
      expect(Buffer.from(kept.read()).equals(expected(whole, keepBytes))).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('does not hold on to the buffers it was given', () => {
    const kept = keepOutput(10);
    const chunk = Buffer.from('abc');
    kept.add(chunk);
    chunk.fill(0);
    expect(Buffer.from(kept.read()).toString()).toBe('abc');
  });

  it('costs what it keeps when a stream comes byte by byte', () => {
    const kept = keepOutput(1_000);
    const chunk = Uint8Array.of(65);
    for (let index = 0; index < 200_000; index += 1) kept.add(chunk);
    expect(kept.totalBytes).toBe(200_000);
    expect(kept.read().length).toBe(1_000 + leftOutMarker(199_000).length);
  });
});
