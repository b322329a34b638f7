import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  property,
  record,
  shuffledSubarray,
  string,
  tuple,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTests } from '../core/check.ts';
import type { TestStatus } from '../core/check.ts';
import { cleanName, headOf, tailOf } from './excerpt.ts';
import { nameOutcomes } from './identity.ts';
import { placeless } from './reading.ts';
import type { RawOutcome } from './reading.ts';

const raw = (name: string, status: TestStatus): RawOutcome => ({ path: [name], status });

const anyOutcomes = array(
  record({
    path: array(constantFrom('a', 'b', 'a #2', ' ', ''), { minLength: 1, maxLength: 2 }),
    status: constantFrom('passed' as const, 'failed' as const, 'skipped' as const),
  }),
  { maxLength: 12 },
);

describe('identities of tests', () => {
  it('are distinct, and as many as there are outcomes', () => {
    assert(
      property(anyOutcomes, (raws) => {
        const named = nameOutcomes(raws);
        expect(new Set(named.map((test) => test.id)).size).toBe(raws.length);
      }),
    );
  });

  it('do not depend on the order in which tests ran', () => {
    const shuffled = anyOutcomes.chain((raws) =>
      tuple(constant(raws), shuffledSubarray(raws, { minLength: raws.length, maxLength: raws.length })),
    );
    const asMap = (raws: readonly RawOutcome[]): Map<string, TestStatus> =>
      new Map(nameOutcomes(raws).map((test) => [test.id, test.status]));
    assert(
      property(shuffled, ([raws, other]) => {
        expect(asMap(other)).toEqual(asMap(raws));
      }),
    );
  });

  it('show one more failure among equal names as newly failing, and a test that went as missing', () => {
    const base = nameOutcomes([raw('a', 'passed'), raw('a', 'passed'), raw('a', 'passed')]);
    expect(
      compareTests(base, nameOutcomes([raw('a', 'passed'), raw('a', 'failed'), raw('a', 'passed')])),
    ).toMatchObject({
      newlyFailing: ['a'],
      missing: [],
    });
    expect(compareTests(base, nameOutcomes([raw('a', 'passed'), raw('a', 'passed')])).missing).toEqual(['a #3']);
    expect(
      compareTests(base, nameOutcomes([raw('a', 'skipped'), raw('a', 'passed'), raw('a', 'passed')])),
    ).toMatchObject({
      newlySkipped: ['a #3'],
    });
  });

  it('lose where on this machine a file lies, and nothing else', () => {
    expect(placeless('/build/77/test/sum.test.mjs')).toBe('sum.test.mjs');
    expect(placeless('file:///build/77/sum.py')).toBe('sum.py');
    expect(placeless('C:\\agent\\7\\Sum.Tests.dll')).toBe('Sum.Tests.dll');
    for (const name of ['test/sum.test.mjs', '/api/users', 'GET /api/users.json', 'a/b', ''])
      expect(placeless(name)).toBe(name);
  });
});

describe('names and excerpts', () => {
  it('are one line without control characters, and long ones still differ', () => {
    expect(cleanName(' adds \n\t one\u0000\u001B[1m two\u202E ')).toBe('adds one two');
    const long = 'x'.repeat(500);
    expect(cleanName(`${long}1`)).not.toBe(cleanName(`${long}2`));
    expect(cleanName(`${long}1`)).toBe(cleanName(`${long}1`));
    expect(cleanName('😀'.repeat(401)).isWellFormed()).toBe(true);
  });

  it('keep the first lines of a message and the last lines of an output', () => {
    const text = Array.from({ length: 50 }, (_, at) => `line ${at + 1}`).join('\n');
    expect(headOf(`\n\n${text}\n`).split('\n')).toMatchObject({ 0: 'line 1', 19: 'line 20…', length: 20 });
    expect(tailOf(`${text}\n\n`).split('\n')).toMatchObject({ 0: 'line 31', 19: 'line 50', length: 20 });
    expect(headOf('progress 1%\rprogress 2%\r\ndone')).toBe('progress 1%\nprogress 2%\ndone');
  });

  it('are bounded and valid text for any input', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 200 }), integer({ min: 1, max: 400 }), (unit, times) => {
        const text = unit.repeat(times);
        for (const shown of [headOf(text), tailOf(text), cleanName(text)]) {
          expect(shown.length).toBeLessThanOrEqual(2_001);
          expect(shown.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
