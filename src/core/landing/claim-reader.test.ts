import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedFile } from '../change.ts';
import type { CheckResult, CheckSpec } from '../check.ts';
import type { ClaimEvidence } from './claim-evidence.ts';
import { readClaims } from './claim-reader.ts';

function spec(id: string, run: string, report: CheckSpec['report']): CheckSpec {
  return { id, run, report, reportFile: null, timeoutMs: 1_000 };
}

function result(checkId: string, report: CheckSpec['report'], patch: Partial<CheckResult> = {}): CheckResult {
  return {
    checkId,
    report,
    conclusion: 'success',
    counted: 12,
    failed: 0,
    skipped: 0,
    summary: 'it is as it should be',
    failures: [],
    failing: [],
    exitCode: 0,
    wallTimeMs: 1,
    output: '',
    tests: null,
    newlyFailing: [],
    fixed: [],
    missing: [],
    newlySkipped: [],
    ...patch,
  };
}

function file(path: string, addedLines = 5): ChangedFile {
  const modes = { kind: 'modified', oldMode: '100644', newMode: '100644' } as const;
  return { path, ...modes, addedLines, removedLines: 1, protected: false, inScope: true, zones: [] };
}

function changeOf(...files: readonly ChangedFile[]): NonNullable<ClaimEvidence['change']> {
  return { files, fileCount: files.length, addedLines: 10, removedLines: 2 };
}

const NOTHING: ClaimEvidence = { specs: [], baseline: [], checks: [], change: null, newTests: null };

const UNIT = spec('unit', 'npm test', 'junit');
const LINT = spec('lint', 'eslint .', 'exit-code');

/** All is well: twelve tests, one turned, a linter, coverage, two files. */
const GREEN: ClaimEvidence = {
  specs: [UNIT, LINT, spec('cover', 'nyc', 'lcov')],
  baseline: [
    result('unit', 'junit', { conclusion: 'failure', failed: 1, failing: ['parser > trailing comma'] }),
    result('lint', 'exit-code', { counted: 1 }),
    result('cover', 'lcov', { measured: { value: 80, unit: '%' } }),
  ],
  checks: [
    result('unit', 'junit', { fixed: ['parser > trailing comma'] }),
    result('lint', 'exit-code', { counted: 1 }),
    result('cover', 'lcov', { measured: { value: 84.2, unit: '%' } }),
  ],
  change: changeOf(file('src/parser.js'), file('test/parser.test.js')),
  newTests: 2,
};

/** Nothing is: the suite and the linter are red, one source file was changed. */
const RED: ClaimEvidence = {
  specs: [UNIT, LINT],
  baseline: [result('unit', 'junit', { conclusion: 'failure' }), result('lint', 'exit-code')],
  checks: [
    result('unit', 'junit', {
      conclusion: 'failure',
      failed: 2,
      newlyFailing: ['printer > round trip'],
      summary: '2 of 12 failed',
    }),
    result('lint', 'exit-code', { conclusion: 'failure', counted: 1 }),
  ],
  change: changeOf(file('src/parser.js')),
  newTests: null,
};

type Row = readonly [sentence: string, green: string | null, red: string | null];

/** What is said, and what it is worth where all is well and where nothing is. */
const ROWS: readonly Row[] = [
  ['All tests pass.', 'proven', 'contradicted'],
  ['All tests pass now', 'proven', 'contradicted'],
  ['**All 12 tests pass**', 'proven', 'contradicted'],
  ['All 13 tests pass.', 'contradicted', 'contradicted'],
  ['12/12 tests passing', 'proven', 'contradicted'],
  ['Tests: 40 passed', 'contradicted', 'contradicted'],
  ['The full test suite is green.', 'proven', 'contradicted'],
  ['✅ Tests', 'proven', 'contradicted'],
  ['npm test succeeds', 'proven', 'contradicted'],
  ['I ran the tests and they all pass.', 'proven', 'contradicted'],
  ['No regressions.', 'proven', 'contradicted'],
  ['Lint is clean.', 'proven', 'contradicted'],
  ['ESLint passes without warnings', 'proven', 'contradicted'],
  ['The build succeeds.', 'unproven', 'unproven'],
  ['The project compiles without errors.', 'unproven', 'unproven'],
  ['Type checks pass.', 'unproven', 'unproven'],
  ['tsc is happy', 'unproven', 'unproven'],
  ['Test coverage is 84%.', 'proven', 'unproven'],
  ['Coverage is 100%.', 'contradicted', 'unproven'],
  ['Coverage increased.', 'proven', 'unproven'],
  ['Fixed the bug.', 'proven', 'contradicted'],
  ['Fixed the failing tests.', 'proven', 'contradicted'],
  ['Fixed trailing commas in the parser.', 'proven', 'contradicted'],
  ['Fixed the SQL injection in the login form.', 'unproven', 'contradicted'],
  ['The crash on startup is resolved.', 'unproven', 'contradicted'],
  ['Added a regression test.', 'proven', 'contradicted'],
  ['Added 2 new tests.', 'proven', 'contradicted'],
  ['Added 5 new tests.', 'contradicted', 'contradicted'],
  ['Changed 2 files.', 'proven', 'contradicted'],
  ['I modified only one file.', 'contradicted', 'proven'],
  ['3 files changed', 'contradicted', 'contradicted'],
  ['Updated the README.', 'contradicted', 'contradicted'],
  ['No new dependencies were added.', 'proven', 'proven'],
  ['The parser is now 3x faster.', 'unproven', 'unproven'],
  ['Improves performance.', 'unproven', 'unproven'],
  ['No breaking changes.', 'unproven', 'unproven'],
  ['The change is fully backward compatible.', 'unproven', 'unproven'],
  ['This does not break existing callers.', 'unproven', 'unproven'],
  ['CI is green.', 'unproven', 'unproven'],
  ['The endpoint is secure.', 'unproven', 'unproven'],
  ['Ready to merge!', 'unproven', 'unproven'],
  ['Everything works.', 'unproven', 'unproven'],
  ['Verified manually in a browser.', 'unproven', 'unproven'],
  ['All tests pass and the build succeeds.', 'unproven', 'contradicted'],
  ['All tests pass and it is 2x faster.', 'unproven', 'contradicted'],
  // Nothing that could be looked for, or nothing that anybody claims without need.
  ['I could not run the tests.', null, null],
  ['The tests do not pass yet.', null, null],
  ['Two tests still fail.', null, null],
  ['The parser now skips a comma before a bracket.', null, null],
  ['I renamed parse to read.', null, null],
];

describe('what an agent says of its work', () => {
  it('is a table of at least forty cases', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(40);
    for (const proof of ['proven', 'contradicted', 'unproven', null])
      expect(ROWS.some(([, green]) => green === proof)).toBe(true);
  });

  it.each(ROWS)('%s', (sentence, green, red) => {
    expect(readClaims(sentence, GREEN).map(({ proof }) => proof)).toEqual([green]);
    expect(readClaims(sentence, RED).map(({ proof }) => proof)).toEqual([red]);
  });

  it.each(ROWS)('proves nothing where nothing was measured: %s', (sentence) => {
    expect(readClaims(sentence, NOTHING)[0]?.proof).not.toBe('proven');
  });

  it('is never proven without saying what was seen', () => {
    for (const [sentence] of ROWS) {
      for (const { proof, seen } of [...readClaims(sentence, GREEN), ...readClaims(sentence, RED)]) {
        expect([sentence, seen.join('').length > 0]).toEqual([sentence, proof !== null]);
      }
    }
  });

  it('is not proven by a check that counted nothing, or by an exit code where a number is named', () => {
    const empty = { ...GREEN, checks: [result('unit', 'junit', { counted: 0 })] };
    expect(readClaims('All tests pass.', empty)[0]?.proof).toBe('contradicted');
    const code = {
      ...GREEN,
      specs: [spec('unit', 'npm test', 'exit-code')],
      checks: [result('unit', 'exit-code', { counted: 1 })],
    };
    expect(readClaims('All tests pass.', code)[0]?.proof).toBe('proven');
    expect(readClaims('All 12 tests pass.', code)[0]?.proof).toBe('unproven');
  });

  it('is read sentence by sentence', () => {
    const said = 'Done. All tests pass.\n- It is 3x faster\n- I moved e.g. the reader; no new dependencies';
    expect(readClaims(said, GREEN).map(({ text, proof }) => [text, proof])).toEqual([
      ['Done.', null],
      ['All tests pass.', 'proven'],
      ['- It is 3x faster', 'unproven'],
      ['- I moved e.g. the reader;', null],
      ['no new dependencies', 'proven'],
    ]);
  });

  it('proves nothing without evidence, whatever is said', () => {
    const text = fc.array(
      fc.constantFrom(...ROWS.map(([sentence]) => sentence), ' ', '\n', 'not ', 'and ', '12 ', '100% '),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(text, (said) => {
        for (const { proof } of readClaims(said.join(''), NOTHING)) expect(proof).not.toBe('proven');
      }),
    );
  });
});
