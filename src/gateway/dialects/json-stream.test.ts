import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonStream } from './json-stream.ts';

interface Read {
  readonly values: unknown[];
  readonly problems: string[];
  closed: boolean;
}

function read(text: string, steps: readonly number[] = []): Read {
  const seen: Read = { values: [], problems: [], closed: false };
  const stream = createJsonStream({
    maxBytes: 5_000,
    onValue: (bytes) => seen.values.push(JSON.parse(Buffer.from(bytes).toString())),
    onProblem: (problem) => seen.problems.push(problem),
    onClosed: () => {
      seen.closed = true;
    },
  });
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  for (const step of [...steps, bytes.length]) {
    stream.push(bytes.slice(at, at + step));
    at += step;
  }
  return seen;
}

const anObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

describe('bare JSON as it comes in', () => {
  it('gives one object, or each object of one list, in any layout and however it is cut', () => {
    fc.assert(
      fc.property(fc.array(anObject), fc.nat(2), fc.array(fc.nat(40)), (list, indent, steps) => {
        const text = JSON.stringify(list, null, indent);
        expect(read(`\n ${text}\n`, steps)).toEqual({ values: JSON.parse(text), problems: [], closed: true });
        const one = JSON.stringify(list[0] ?? {}, null, indent);
        expect(read(`\n ${one}\n`, steps)).toEqual({ values: [JSON.parse(one)], problems: [], closed: true });
      }),
    );
  });

  it('keeps what was whole of a list that is cut, and says that it is open', () => {
    expect(read('[{"a":1},{"b":[{}]},{"c":"}')).toEqual({
      values: [{ a: 1 }, { b: [{}] }],
      problems: [],
      closed: false,
    });
  });

  it('says what follows the end, what is too large, and what is neither object nor list', () => {
    expect(read('{} {}').problems).toEqual(['something follows the end of the answer']);
    expect(read('"x"').problems).toEqual(['the answer is no JSON object or array']);
    const large = JSON.stringify([{ a: 1 }, { x: 'y'.repeat(5_000) }]);
    for (const steps of [[], [100, 100, 100], Array.from({ length: 5_000 }, () => 1)]) {
      expect(read(large, steps)).toEqual({
        values: [{ a: 1 }],
        problems: ['a value is larger than 5000 bytes'],
        closed: false,
      });
    }
  });
});
