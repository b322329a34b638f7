import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodesBelow, readJson, valueOf } from './json-document.ts';

const encoder = new TextEncoder();

function problemOf(text: string): string {
  const reading = readJson(encoder.encode(text));
  return reading.ok ? '' : reading.problem;
}

describe('a JSON document with places', () => {
  it('accepts what JSON.parse accepts and gives the same value, whatever the spaces', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(3), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        const reading = readJson(encoder.encode(spaced));
        expect(reading.ok && valueOf(reading.document, reading.document.root)).toEqual(JSON.parse(spaced));
      }),
    );
  });

  it('never accepts what JSON.parse refuses', () => {
    const seeds = ['{"a":[1,2.5e-3,true,null,"x\\u00e9\\n"],"b":{}}', '[-0,"",{"k":false}]'];
    const letters = Array.from('{}[],:"\\01eE+-.tu x\n\u0001');
    const mutated = fc.tuple(fc.constantFrom(...seeds), fc.nat(), fc.constantFrom(...letters));
    fc.assert(
      fc.property(mutated, ([seed, at, letter]) => {
        const text = `${seed.slice(0, at % seed.length)}${letter}${seed.slice((at % seed.length) + 1)}`;
        const reading = readJson(encoder.encode(text));
        if (reading.ok) expect(valueOf(reading.document, reading.document.root)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('puts every value where it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const bytes = encoder.encode(text);
        const reading = readJson(bytes);
        if (!reading.ok) throw new Error(reading.problem);
        for (const node of nodesBelow(reading.document.root)) {
          const part = new TextDecoder().decode(bytes.subarray(node.start, node.end));
          expect(JSON.parse(part)).toEqual(valueOf(reading.document, node));
        }
      }),
    );
  });

  it('says what is wrong and where', () => {
    expect(problemOf('{"a":1,"\\u0061":2}')).toContain('the name "a" occurs twice in one object at byte 15');
    expect(problemOf('{"a":{"b":1,"b":2}}')).toContain('the name "b" occurs twice');
    expect(problemOf('[1,]')).toContain('not a JSON value at byte 3');
    expect(problemOf('"a\nb"')).toContain('a bare control character in a string at byte 2');
    expect(problemOf('"\\x"')).toContain('an escape that JSON does not know at byte 1');
    expect(problemOf('01')).toContain('not a JSON value at byte 0');
    expect(problemOf('')).toContain('the body ends too early at byte 0');
    expect(problemOf('{} {}')).toContain('something follows the JSON value at byte 3');
    expect(problemOf('['.repeat(300))).toContain('nested deeper than 200 levels');
    expect(problemOf(`[${'1,'.repeat(500_000)}1]`)).toContain('more than 500000 values');
  });

  it('keeps names that mean something to JavaScript as mere names', () => {
    expect(readJson(encoder.encode('{"__proto__":{"a":1},"constructor":2}')).ok).toBe(true);
    expect(problemOf('{"__proto__":1,"__proto__":2}')).toContain('"__proto__" occurs twice');
  });
});
