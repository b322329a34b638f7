import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeptOutput } from './kept-output.ts';

function keep(limitBytes: number, pieces: readonly Uint8Array[]): string {
  const output = createKeptOutput(limitBytes);
  for (const piece of pieces) output.push(piece);
  return Buffer.from(output.bytes()).toString('latin1');
}

it('output that fits is kept as it came', () => {
  expect(keep(10, [Buffer.from('abc'), Buffer.from('def'), Buffer.from('ghij')])).toBe('abcdefghij');
});

it('of output that does not fit, the beginning and the end are kept and the gap is counted', () => {
  expect(keep(6, [Buffer.from('abcdefghijkl')])).toBe('abc\n[loopwright: 6 bytes of output are not kept here]\njkl');
});

it('what is kept does not depend on the pieces it came in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 2, max: 60 }), (pieces, limit) => {
      expect(keep(limit, pieces)).toBe(keep(limit, [Buffer.concat(pieces)]));
    }),
  );
});

it('pieces are copied, because their buffer may be used again', () => {
  const output = createKeptOutput(4);
  const piece = Buffer.from('abcdef');
  output.push(piece);
  piece.fill('x');
  expect(Buffer.from(output.bytes()).toString()).toContain('ab\n');
  expect(Buffer.from(output.bytes()).toString()).toContain('\nef');
});
