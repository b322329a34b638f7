import { describe, expect, it } from 'vitest';
import type { TestStatus } from '../../core/check.ts';
import { nameOutcomes } from '../identity.ts';
import type { ReadReport } from '../reading.ts';
import { readTap } from './parse.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(tap: string): ReadReport {
  const reading = readTap(encode(tap));
  if (reading.kind === 'unreadable') throw new Error(`unreadable: ${reading.problem}`);
  return reading;
}

function ids(tap: string): Record<string, TestStatus> {
  return Object.fromEntries(nameOutcomes(read(tap).outcomes).map((test) => [test.id, test.status]));
}

/** As `node --test --test-reporter=tap` writes it. */
const NODE = `TAP version 13
# noise ok 1 - printed by a test
# Subtest: sums
    # Subtest: adds
    ok 1 - adds
      ---
      duration_ms: 2.03
      type: 'test'
      ...
    # Subtest: divides
    not ok 2 - divides
      ---
      duration_ms: 0.72
      type: 'test'
      location: '/build/1/sums.test.mjs:2:46'
      failureType: 'testCodeFailure'
      error: '1 == 2'
      stack: |-
        TestContext.<anonymous> (file:///build/1/sums.test.mjs:2:67)
      ...
    # Subtest: later
    ok 3 - later # SKIP no network
    # Subtest: wanted
    not ok 4 - wanted # TODO
    1..4
not ok 1 - sums
  ---
  type: 'suite'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: nothing inside
ok 2 - nothing inside
  ---
  duration_ms: 0.06
  type: 'suite'
  ...
# Subtest: /build/1/plain.mjs
ok 3 - /build/1/plain.mjs
  ---
  type: 'test'
  ...
1..3
# tests 5
# pass 2
`;

describe('what counts as a test', () => {
  const table: readonly [what: string, tap: string, expected: Record<string, TestStatus>][] = [
    [
      'the leaves of nested subtests, never the points that close them',
      NODE,
      {
        'sums > adds': 'passed',
        'sums > divides': 'failed',
        'sums > later': 'skipped',
        'sums > wanted': 'skipped',
        'plain.mjs': 'passed',
      },
    ],
    [
      'a flat report with the plan first, no version line and no dashes',
      '1..3\nok 1 adds\nnot ok 2 divides\nok 3\n',
      { adds: 'passed', divides: 'failed', '(unnamed)': 'passed' },
    ],
    ['points without numbers', 'TAP version 14\nok - adds\nok - adds\n1..2\n', { adds: 'passed', 'adds #2': 'passed' }],
    [
      'buffered subtests, as vitest and node-tap write them',
      `TAP version 13
1..1
not ok 1 - sums.test.ts # time=3ms {
    1..2
    ok 1 - adds # time=1ms
    not ok 2 - group # time=1ms {
        1..1
        not ok 1 - divides # time=1ms
            ---
            error:
                message: "by zero"
            ...
    }
}
`,
      { 'sums.test.ts > adds': 'passed', 'sums.test.ts > group > divides': 'failed' },
    ],
    [
      'a subtest that fails although everything in it passed counts as a failure of its own',
      '# Subtest: outer\n    ok 1 - inner\n    1..1\nnot ok 1 - outer\n1..1\n',
      { 'outer > inner': 'passed', outer: 'failed' },
    ],
    [
      'a failure in a subtest that is TODO is expected',
      '# Subtest: outer\n    not ok 1 - inner\n    ok 2 - other\n    1..2\nnot ok 1 - outer # TODO rewrite\n1..1\n',
      { 'outer > inner': 'skipped', 'outer > other': 'passed' },
    ],
    [
      'a failure in a subtest that claims to be fine',
      '# Subtest: outer\n    not ok 1 - inner\n    1..1\nok 1 - outer\n1..1\n',
      { 'outer > inner': 'failed' },
    ],
    [
      'a skipped subtest in which nothing ran',
      '# Subtest: outer\n    1..0\nok 1 - outer # SKIP\n1..1\n',
      { outer: 'skipped' },
    ],
    ['a directive that is an escaped character', '1..1\nnot ok 1 - is \\# TODO here\n', { 'is # TODO here': 'failed' }],
    [
      'a description that ends in a brace is no subtest',
      '# Subtest: parses {\nok 1 - parses {\n# Subtest: hook\n    not ok 1 - never\n    1..1\nnot ok 2 - hook\n1..2\n',
      { 'parses {': 'passed', 'hook > never': 'failed' },
    ],
    [
      'colours around the protocol',
      '1..2\n\u001B[32mok\u001B[0m 1 - \u001B[1madds\u001B[0m\n\u001B[31mnot ok\u001B[0m 2 - divides\n',
      { adds: 'passed', divides: 'failed' },
    ],
    [
      'Windows line ends and a byte-order mark',
      '\uFEFFTAP version 13\r\n1..2\r\nok 1 - adds\r\nnot ok 2 - divides\r\n  ---\r\n  message: no\r\n  ...\r\n',
      { adds: 'passed', divides: 'failed' },
    ],
    [
      'noise around and between',
      '\n> sums@1.0.0 test\n> node --test\n\nTAP version 13\nloading...\nok 1 - adds\n  deprecated: x\nok 2 - divides\n1..2\nDone.\n',
      { adds: 'passed', divides: 'passed' },
    ],
    [
      'two commands, one report after the other',
      'TAP version 13\nok 1 - adds\n1..1\n> next\nTAP version 13\nnot ok 1 - adds\n1..1\n',
      { adds: 'failed', 'adds #2': 'passed' },
    ],
  ];

  it.each(table)('%s', (_what, tap, expected) => {
    expect(ids(tap)).toEqual(expected);
    expect(read(tap).doubt).toBeNull();
  });

  it('keeps the same ids when tests run in another order', () => {
    const there = '1..3\nok 1 - a\nnot ok 2 - b\nok 3 - b\n';
    const back = '1..3\nok 1 - b\nnot ok 2 - b\nok 3 - a\n';
    expect(ids(back)).toEqual(ids(there));
  });
});

describe('a failure message', () => {
  it('is the diagnostic block without its dull lines, what went wrong first', () => {
    const message = read(NODE).outcomes.find((one) => one.status === 'failed')?.message ?? '';
    expect(message).toMatch(/^error: '1 == 2'\n/);
    expect(message).toContain("location: '/build/1/sums.test.mjs:2:46'");
    expect(message).not.toContain('failureType');
    expect(message).toContain('TestContext.<anonymous>');
    expect(message).not.toContain('duration_ms');
  });

  it('names the hook that broke every test inside', () => {
    const tap = `# Subtest: outer
    not ok 1 - inner
      ---
      error: 'cancelled'
      ...
    1..1
not ok 1 - outer
  ---
  failureType: 'hookFailed'
  error: 'no database'
  ...
1..1
`;
    expect(read(tap).outcomes[0]?.message).toMatch(
      /^In "outer":\nerror: 'no database'\nfailureType: 'hookFailed'\nerror: 'cancelled'$/,
    );
  });

  it('goes with its own point', () => {
    const tap =
      '1..3\nnot ok 1 - a\n  ---\n  message: for a\n  ...\nnot ok 2 - b\nnot ok 3 - c\n  ---\n  message: for c\n  ...\n';
    expect(read(tap).outcomes.map((one) => one.message)).toEqual(['message: for a', undefined, 'message: for c']);
  });

  it('is text, whatever YAML it would be', () => {
    const bomb = 'a: &a [x,x]\n  b: &b [*a,*a]\n  c: !function |\n    "evil"';
    expect(read(`1..1\nnot ok 1 - a\n  ---\n  ${bomb}\n  ...\n`).outcomes[0]?.message).toContain('!function');
  });
});

describe('a report that breaks the protocol cannot prove success', () => {
  const table: readonly [what: string, tap: string, said: RegExp][] = [
    ['fewer tests than planned', '1..3\nok 1 - a\nok 2 - b\n', /planned 3 and shows 2/],
    ['more tests than planned', '1..1\nok 1 - a\nok 2 - b\n', /planned 1 and shows 2/],
    [
      'fewer than planned next to an expected failure',
      '1..3\nok 1 - a\nnot ok 2 - b # TODO\n',
      /planned 3 and shows 2/,
    ],
    ['no plan', 'TAP version 13\nok 1 - a\n', /plan is missing/],
    ['a version and nothing else', 'TAP version 13\n', /plan is missing/],
    ['tests although none were planned', '1..0 # SKIP\nok 1 - a\n', /outside of its plan/],
    ['a number that comes twice', '1..2\nok 1 - a\nok 1 - b\n', /breaks the protocol.*multiple times/],
    ['a bail out', '1..2\nok 1 - a\nBail out! no database\n', /bailed out: no database/],
    ['a bail out inside a subtest', '# Subtest: o\n    ok 1 - a\n    Bail out! gone\n', /bailed out: gone/],
    ['a subtest cut in the middle', '1..1\n# Subtest: o\n    ok 1 - a\n', /plan is missing/],
    ['a subtest without the point that closes it', '1..1\n# Subtest: o\n    ok 1 - a\n    1..1\n', /never closed/],
    [
      'a subtest with another count than planned',
      '# Subtest: o\n    ok 1 - a\n    1..2\nok 1 - o\n1..1\n',
      /planned 2 and shows 1/,
    ],
    ['a diagnostic block that never ends', '1..1\nok 1 - a\n  ---\n  message: x\n', /never closed/],
    ['a failure after the plan at the end', 'ok 1 - a\n1..1\nnot ok 2 - b\n', /outside of its plan/],
    [
      'a failure after the plan of a subtest',
      '# Subtest: o\n    ok 1 - a\n    1..1\n    not ok 2 - b\nok 1 - o\n1..1\n',
      /outside of its plan/,
    ],
    ['subtests without end', `${' '.repeat(40_000)}ok 1 - deep\n1..1\nok 1 - a\n`, /nest too deep/],
    [
      'a failure inside a subtest that lost its beginning',
      '    not ok 1 - a\nTAP version 13\nok 1 - b\n1..1\n',
      /plan is missing/,
    ],
    [
      'a good report after a broken one',
      'TAP version 13\nok 1 - a\nTAP version 13\nok 1 - b\n1..1\n',
      /plan is missing/,
    ],
  ];

  it.each(table)('%s', (_what, tap, said) => {
    expect(read(tap).doubt).toMatch(said);
  });

  it('cannot hide a failure behind fences that a test prints', () => {
    const tap = 'ok 1 - a\nprinted\n  ---\n# Subtest: o\n    not ok 1 - b\n    1..1\n  ...\nnot ok 2 - o\n1..2\n';
    expect(Object.values(ids(tap))).toContain('failed');
  });

  it('is not read when it holds no TAP at all', () => {
    for (const text of ['', '  \n', 'All tests passed!\n', '<testsuites/>', '# comment only\n', '    indented\n']) {
      expect(readTap(encode(text)).kind).toBe('unreadable');
    }
  });
});
