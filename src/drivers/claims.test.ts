import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentClaim } from '../core/event.ts';
import { createClaimReader, MAX_CLAIM_CHARACTERS, MAX_CLAIM_LINE_BYTES, MAX_CLAIMS } from './claims.ts';

function read(...pieces: (string | Uint8Array)[]): readonly AgentClaim[] {
  const reader = createClaimReader();
  for (const piece of pieces) reader.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  return reader.end();
}

describe('claims', () => {
  it('are read from lines of their own, with and without a text', () => {
    const output =
      'working\nloopwright: done\nloopwright: blocked: no database\r\nloopwright: impossible: 2 + 2\nloopwright: message:hi';
    expect(read(output)).toEqual([
      { kind: 'done', text: '' },
      { kind: 'blocked', text: 'no database' },
      { kind: 'impossible', text: '2 + 2' },
      { kind: 'message', text: 'hi' },
    ]);
  });

  it('are nothing but output when the line says something else', () => {
    expect(
      read('I am loopwright: done\n', ' loopwright: done\n', 'loopwright: finished\n', 'loopwright: donet\n'),
    ).toEqual([]);
    expect(read('loopwright:done\n', 'Loopwright: done\n', 'loopwright: \n', '')).toEqual([]);
  });

  it('mean the same however the output was cut into pieces', () => {
    const output = Buffer.from(
      'a\nloopwright: blocked: keine Wörter für 🙂\nb\n\nloopwright: done: yes\nloopwright: message: end',
    );
    const whole = read(output);
    expect(whole).toHaveLength(3);
    const cuts = fc.array(fc.nat(output.length), { maxLength: 30 });
    fc.assert(
      fc.property(cuts, (places) => {
        const sorted = [0, ...places.toSorted((a, b) => a - b), output.length];
        const pieces = sorted.slice(1).map((end, index) => output.subarray(sorted[index], end));
        expect(read(...pieces)).toEqual(whole);
      }),
    );
  });

  it('survive any bytes around and inside them', () => {
    expect(read(Buffer.from('fffe0aff', 'hex'), '\nloopwright: blocked: a', Buffer.from('ff', 'hex'), 'b\n')).toEqual([
      { kind: 'blocked', text: 'a\u{fffd}b' },
    ]);
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => Array.isArray(read(...pieces))));
  });

  it('cannot steer the terminal that shows them', () => {
    expect(read('loopwright: message: \u001b[2Jred\u0007 \u{202e}txt\u{9b}0m\n')[0]?.text).toBe('[2Jred   txt 0m');
  });

  it('are bounded in length and number, and the newest one is always kept', () => {
    const long = read(`loopwright: message: ${'x'.repeat(1_000_000)}\nloopwright: done\n`);
    expect(long[0]?.text).toBe(`${'x'.repeat(MAX_CLAIM_CHARACTERS - 1)}…`);
    expect(long[1]).toEqual({ kind: 'done', text: '' });
    expect(MAX_CLAIM_LINE_BYTES).toBeGreaterThan(MAX_CLAIM_CHARACTERS);
    const many = read('loopwright: message: again\n'.repeat(10_000), 'loopwright: impossible: enough\n');
    expect(many).toHaveLength(MAX_CLAIMS);
    expect(many.at(-1)).toEqual({ kind: 'impossible', text: 'enough' });
  });
});

describe('claimed usage', () => {
  function usageIn(text: string): ReturnType<ReturnType<typeof createClaimReader>['usage']> {
    const reader = createClaimReader();
    for (const letter of Buffer.from(text)) reader.push(Uint8Array.of(letter));
    reader.end();
    return reader.usage();
  }

  it('is summed over its lines, and is no claim of another kind', () => {
    const text = 'loopwright: usage: input=1200 output=34 cost=0.05\nx\nloopwright: usage: input=1 output=2\n';
    expect(usageIn(text)).toEqual({ inputTokens: 1_201, outputTokens: 36, costNanoUsd: 50_000_000 });
    expect(usageIn('loopwright: usage: input=1 output=2')).toEqual({
      inputTokens: 1,
      outputTokens: 2,
      costNanoUsd: null,
    });
    expect(read(text)).toEqual([]);
  });

  it.each([
    '',
    'usage: input=1 output=2',
    'loopwright: usage: input=-1 output=2',
    'loopwright: usage: input=1e9 output=2',
  ])('is nothing where the line is not of that form: %s', (text) => {
    expect(usageIn(text)).toBe(null);
  });
});
