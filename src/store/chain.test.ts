import { assert as check, jsonValue, property } from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { blobReferences, chainHash, EMPTY_LOG, GENESIS, link, verifyChain } from './chain.ts';
import type { Append } from '../ports/store.ts';

const LEASE = { runId: 'r', epoch: 3 };

function stops(count: number): Append[] {
  return Array.from({ length: count }, (_, index) => ({
    event: { type: 'stop.requested', by: `by ${index}` },
    at: 1_000 + index,
    activeMs: index,
  }));
}

describe('canonical JSON', () => {
  it('sorts keys by code unit at every depth and leaves out what is undefined', () => {
    const value = { b: [{ z: 1, a: null }], '10': 1, '9': 2, a: undefined, é: 'ü', B: true };
    expect(canonicalJson(value)).toBe('{"10":1,"9":2,"B":true,"b":[{"a":null,"z":1}],"é":"ü"}');
  });

  it('keeps NUL and lone surrogates as escapes, so the text is valid UTF-8', () => {
    const text = canonicalJson({ by: '\u0000\uD800x\uDC00' });
    expect(text).toBe(String.raw`{"by":"\u0000\ud800x\udc00"}`);
    expect(text.isWellFormed()).toBe(true);
  });

  it.each([Number.NaN, Infinity, undefined, 1n, () => 1, new Date(0), [undefined], { a: new Map() }])(
    'refuses %s, which JSON would change without a word',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(/assertion failed/u);
    },
  );

  it('gives back every JSON value, and one text per value', () => {
    check(
      property(jsonValue({ stringUnit: 'binary', maxDepth: 3 }), (value) => {
        const text = canonicalJson(value);
        // `-0` is the one JSON value whose sign JSON itself does not keep.
        expect(isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))).toBe(true);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe('the chain', () => {
  it('has the texts and hashes that logs on disk already have', () => {
    const [first, second] = link(EMPTY_LOG, LEASE, stops(2));
    expect(first?.body).toBe(
      '{"activeMs":0,"at":1000,"by":"by 0","epoch":3,"runId":"r","seq":1,"type":"stop.requested","v":1}',
    );
    // printf '%s\n%s' "$(printf '0%.0s' $(seq 64))" "$BODY" | sha256sum
    expect(first?.hash).toBe('3b2dbda2b6434f62ca64fdcfaa87a4652d06973b8e1e312ea87505b6784fa68d');
    expect(second?.hash).toBe(chainHash(first?.hash ?? '', second?.body ?? ''));
    expect(GENESIS).toMatch(/^0{64}$/u);
  });

  it('is the same whether events are linked one by one or together', () => {
    const together = link(EMPTY_LOG, LEASE, stops(3));
    const head = together[1] ?? EMPTY_LOG;
    expect(link({ seq: head.seq, hash: head.hash }, LEASE, stops(3).slice(2))).toEqual(together.slice(2));
  });

  const events = link(EMPTY_LOG, LEASE, stops(5));
  const head = events.at(-1) ?? EMPTY_LOG;
  const forged = link(EMPTY_LOG, LEASE, stops(5).with(2, { ...stops(1)[0]!, activeMs: 99 }));

  it.each([
    ['whole', events, head, null],
    ['an event changed', events.with(2, { ...events[2]!, body: events[2]!.body.replace('by 2', 'by X') }), head, 3],
    ['a hash changed', events.with(2, { ...events[2]!, hash: GENESIS }), head, 3],
    ['an event and its hash changed', events.with(2, forged[2]!), head, 4],
    ['an event missing', events.toSpliced(2, 1), head, 3],
    ['the first missing', events.slice(1), head, 1],
    ['the tail cut off', events.slice(0, 3), head, 4],
    ['everything cut off', [], head, 1],
    ['an event behind the head', events, events[3]!, 5],
    ['two exchanged', [...events.slice(0, 2), events[3]!, events[2]!, events[4]!], head, 3],
    ['an event twice', events.toSpliced(2, 0, events[2]!), head, 4],
    ['all of it written anew', forged, head, 5],
    ['empty', [], EMPTY_LOG, null],
  ])('is judged: %s', (_name, stored, end, brokenAt) => {
    expect(verifyChain('r', end, stored)).toEqual({ events: stored.length, brokenAt });
  });

  it('does not hold for the log of another run', () => {
    expect(verifyChain('other', head, events).brokenAt).toBe(1);
  });

  it('finds an event that is no JSON, even when its hash fits', () => {
    const hash = chainHash(GENESIS, 'no JSON');
    expect(verifyChain('r', { seq: 1, hash }, [{ seq: 1, body: 'no JSON', hash }]).brokenAt).toBe(1);
  });
});

describe('blob references', () => {
  it('are hashes that stand alone, each once', () => {
    const hash = 'ab'.repeat(32);
    expect(blobReferences(`{"a":"${hash}","b":"${hash}","c":"x${'cd'.repeat(32)}"}`)).toEqual([hash, 'cd'.repeat(32)]);
    expect(blobReferences(`"${'ab'.repeat(33)}" "${'AB'.repeat(32)}" "${'a'.repeat(63)}"`)).toEqual([]);
  });
});
