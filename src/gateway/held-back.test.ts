/** A secret never gets through a stream, however it is cut; anything else does, at once and unchanged. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideSecret } from './held-back.ts';

/** Few letters, so that beginnings of the secret are everywhere and it overlaps itself. */
const secrets = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 7 });
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 });
const cuts = fc.array(fc.nat(60), { maxLength: 12 });

function piecesOf(text: string, at: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const marks = [0, ...at.filter((mark) => mark < bytes.length).toSorted((a, b) => a - b), bytes.length];
  return marks.slice(1).map((mark, index) => bytes.subarray(marks[index], mark));
}

describe('a secret in a stream', () => {
  it('never gets through, and every other byte does, whatever the cuts', () => {
    let hidden = 0;
    fc.assert(
      fc.property(
        secrets,
        fc.array(fc.oneof(texts, fc.constant(null)), { maxLength: 6 }),
        cuts,
        (secret, parts, at) => {
          const text = parts.map((part) => part ?? secret).join('');
          const stream = hideSecret(secret);
          const out = Buffer.concat([
            ...piecesOf(text, at).map((piece) => stream.push(piece)),
            stream.end(),
          ]).toString();
          expect(out.length).toBe(text.length);
          expect(out).not.toContain(secret);
          if (text.includes(secret)) hidden += 1;
          else expect(out).toBe(text);
          for (const [index, letter] of out.split('').entries()) if (letter !== '*') expect(letter).toBe(text[index]);
        },
      ),
    );
    expect(hidden).toBeGreaterThan(10);
  });

  it('delays nothing by more than its own length', () => {
    fc.assert(
      fc.property(secrets, texts, cuts, (secret, text, at) => {
        const stream = hideSecret(secret);
        let [came, went] = [0, 0];
        for (const piece of piecesOf(text, at)) {
          came += piece.length;
          went += stream.push(piece).length;
          expect(came - went).toBeLessThan(Buffer.byteLength(secret));
        }
      }),
    );
  });

  it('delays nothing of a text that ends otherwise than the secret begins', () => {
    const stream = hideSecret('sk-real');
    expect(Buffer.from(stream.push(Buffer.from('data: hello\n\n'))).toString()).toBe('data: hello\n\n');
    expect(Buffer.from(stream.push(Buffer.from('data: ask'))).toString()).toBe('data: a');
    expect(Buffer.from(stream.push(Buffer.from(' me'))).toString()).toBe('sk me');
  });

  it.each([null, ''])('is none where there is none: %s', (secret) => {
    const stream = hideSecret(secret);
    const bytes = Buffer.from('anything');
    expect(stream.push(bytes)).toBe(bytes);
    expect(stream.end().length).toBe(0);
  });
});
