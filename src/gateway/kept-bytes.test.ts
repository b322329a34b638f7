import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeptBytes } from './kept-bytes.ts';

describe('kept bytes', () => {
  it('are what came, in order, up to the most that is kept', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 100_000 }), (given, most) => {
        const kept = createKeptBytes(most);
        for (const piece of given) kept.push(piece);
        const all = Buffer.concat(given).subarray(0, most);
        expect(Buffer.compare(kept.bytes(), all)).toBe(0);
        expect(kept.full()).toBe(all.length === most);
      }),
      { numRuns: 50 },
    );
  });

  it('do not change with the bytes they were taken from', () => {
    const kept = createKeptBytes(10);
    const piece = Buffer.from('abc');
    kept.push(piece);
    piece.fill('x');
    expect(Buffer.from(kept.bytes()).toString()).toBe('abc');
  });
});
