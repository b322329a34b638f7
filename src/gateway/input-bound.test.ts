import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInputBound } from './input-bound.ts';
import type { BodyPiece } from './input-bound.ts';

const MODEL = 'claude-opus-4-8';

/**
 * A tokenizer nobody has: a piece costs between nothing and its bytes, by its name alone, and two pieces beside each other
 * save up to eight tokens by merging over the seam, never more than either has.
 */
interface Tokenizer {
  readonly share: number;
  readonly merges: boolean;
}

function numberOf(name: string): number {
  return Array.from(name).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000, 7);
}

function pieceTokens({ share }: Tokenizer, { hash, bytes }: BodyPiece): number {
  return Math.ceil((bytes * share * (500 + numberOf(hash) / 2)) / 1_000);
}

function tokensOf(tokenizer: Tokenizer, pieces: readonly BodyPiece[]): number {
  return pieces.reduce((sum, piece, at) => {
    const before = pieces[at - 1];
    const own = pieceTokens(tokenizer, piece);
    if (!tokenizer.merges || before === undefined) return sum + own;
    const most = Math.min(8, Math.floor(own / 2), Math.floor(pieceTokens(tokenizer, before) / 2));
    return sum + own - (numberOf(before.hash + piece.hash) % (most + 1));
  }, 0);
}

const tokenizers = fc.record({ share: fc.double({ min: 0.08, max: 1, noNaN: true }), merges: fc.boolean() });
const NAMES = Array.from('abcdefghijkl');
const SIZES: Readonly<Record<string, number>> = Object.fromEntries(
  NAMES.map((name) => [name, 1 + ((numberOf(name) * 37) % 4_000)]),
);
const somePieces = fc
  .array(fc.constantFrom(...NAMES), { maxLength: 14 })
  .map((list) => list.map((hash): BodyPiece => ({ hash, bytes: SIZES[hash] ?? 1 })));

/** A body that grows by a turn at a time: a large first piece, then some kilobytes each. */
function growing(turns: number): readonly BodyPiece[] {
  const added = Array.from({ length: turns }, (_, at) => ({ hash: `turn${at}`, bytes: 2_000 + ((at * 977) % 6_000) }));
  return [{ hash: 'system', bytes: 88_000 }, ...added, { hash: 'tail', bytes: 40 }];
}

describe('the bound', () => {
  it('is never below the truth, whatever was learnt before', () => {
    fc.assert(
      fc.property(tokenizers, fc.array(somePieces, { maxLength: 8 }), somePieces, (tokenizer, earlier, pieces) => {
        const inputs = createInputBound();
        for (const body of earlier)
          inputs.learn({ model: MODEL, pieces: body, inputTokens: tokensOf(tokenizer, body) });
        const bound = inputs.bound({ model: MODEL, pieces, mediaParts: 0 });
        expect(bound).toBeGreaterThanOrEqual(tokensOf(tokenizer, pieces));
        expect(bound).toBeLessThanOrEqual(createInputBound().bound({ model: MODEL, pieces, mediaParts: 0 }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('canary: without the seams it would be', () => {
    const tokenizer = { share: 1, merges: true };
    const [first, second] = [
      { hash: 'a', bytes: 900 },
      { hash: 'b', bytes: 900 },
    ];
    const together = tokensOf(tokenizer, [first, second]);
    const turned = tokensOf(tokenizer, [second, first]);
    expect(together).not.toBe(turned);
    const inputs = createInputBound();
    const [cheap, dear] =
      together < turned
        ? [
            [first, second],
            [second, first],
          ]
        : [
            [second, first],
            [first, second],
          ];
    inputs.learn({ model: MODEL, pieces: cheap, inputTokens: Math.min(together, turned) });
    const bound = inputs.bound({ model: MODEL, pieces: dear, mediaParts: 0 });
    expect(bound).toBeGreaterThanOrEqual(Math.max(together, turned));
    expect(Math.min(together, turned)).toBeLessThan(Math.max(together, turned));
  });

  it('is the bytes and what a vendor adds where nothing is known', () => {
    const pieces = [{ hash: 'a', bytes: 1_000 }];
    expect(createInputBound().bound({ model: MODEL, pieces, mediaParts: 0 })).toBe(1_000 + 2_048);
    expect(createInputBound().bound({ model: MODEL, pieces, mediaParts: 2 })).toBe(1_000 + 2_048 + 2 * 8_192);
    const small = createInputBound({ tokensPerMediaPart: 10 });
    expect(small.bound({ model: MODEL, pieces, mediaParts: 2 })).toBe(1_000 + 2_048 + 20);
  });

  it('is what was metered where the same is sent again, and of another model says nothing', () => {
    const inputs = createInputBound();
    const pieces = growing(5);
    inputs.learn({ model: MODEL, pieces, inputTokens: 30_000 });
    expect(inputs.bound({ model: MODEL, pieces, mediaParts: 3 })).toBe(30_000);
    expect(inputs.bound({ model: 'gpt-5', pieces, mediaParts: 0 })).toBeGreaterThan(88_000);
  });

  it('counts a piece that stands twice twice', () => {
    const inputs = createInputBound();
    const piece = { hash: 'a', bytes: 50_000 };
    inputs.learn({ model: MODEL, pieces: [piece], inputTokens: 10_000 });
    expect(inputs.bound({ model: MODEL, pieces: [piece, piece], mediaParts: 0 })).toBeGreaterThan(60_000);
  });

  it('comes near the truth as a prompt grows', () => {
    const tokenizer = { share: 0.35, merges: true };
    const inputs = createInputBound();
    const ratios = Array.from({ length: 50 }, (_, turns) => {
      const pieces = growing(turns);
      const truth = tokensOf(tokenizer, pieces);
      const bound = inputs.bound({ model: MODEL, pieces, mediaParts: 0 });
      inputs.learn({ model: MODEL, pieces, inputTokens: truth });
      return bound / truth;
    });
    expect(ratios[0]).toBeGreaterThan(3);
    expect(Math.max(...ratios.slice(1))).toBeLessThan(1.4);
    expect(ratios.at(-1)).toBeLessThan(1.12);
  });

  it('does not believe a vendor that says next to nothing', () => {
    const inputs = createInputBound();
    inputs.learn({ model: MODEL, pieces: [{ hash: 'a', bytes: 64_000 }], inputTokens: 0 });
    expect(inputs.bound({ model: MODEL, pieces: [{ hash: 'a', bytes: 64_000 }], mediaParts: 0 })).toBe(2_000);
  });

  it('is not raised by a vendor that says too much', () => {
    const inputs = createInputBound();
    const pieces = [{ hash: 'a', bytes: 100 }];
    inputs.learn({ model: MODEL, pieces, inputTokens: 1e300 });
    expect(inputs.bound({ model: MODEL, pieces, mediaParts: 0 })).toBe(100 + 2_048);
  });

  it('remembers the newest calls only', () => {
    const inputs = createInputBound();
    const first = [{ hash: 'first', bytes: 100_000 }];
    inputs.learn({ model: MODEL, pieces: first, inputTokens: 20_000 });
    for (let at = 0; at < 63; at += 1) inputs.learn({ model: MODEL, pieces: growing(at), inputTokens: 40_000 });
    expect(inputs.bound({ model: MODEL, pieces: first, mediaParts: 0 })).toBe(20_000);
    inputs.learn({ model: MODEL, pieces: growing(1), inputTokens: 40_000 });
    expect(inputs.bound({ model: MODEL, pieces: first, mediaParts: 0 })).toBeGreaterThan(60_000);
  });

  it.each([-1, 0.5, Number.NaN])('refuses a count of %d', (wrong) => {
    const inputs = createInputBound();
    expect(() => inputs.bound({ model: MODEL, pieces: [], mediaParts: wrong })).toThrow(RangeError);
    expect(() => inputs.learn({ model: MODEL, pieces: [], inputTokens: wrong })).toThrow(RangeError);
  });
});
