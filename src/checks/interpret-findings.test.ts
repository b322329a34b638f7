/** The rules by which an analysis passes, over a real reader. */
import { describe, expect, it } from 'vitest';
import type { Conclusion, Interpretation } from '../core/check.ts';
import { compareTests } from '../core/check.ts';
import type { ProcessEnd } from '../ports/sandbox.ts';
import { createFormat } from './eslint-json/index.ts';
import { createFormat as createSarif } from './sarif/index.ts';

const exit = (code: number): ProcessEnd => ({ kind: 'exited', code });

type Level = 'error' | 'warning';

function file(name: string, ...findings: readonly (readonly [rule: string, level: Level])[]): object {
  const messages = findings.map(([ruleId, level]) => ({ ruleId, severity: level === 'error' ? 2 : 1, message: 'no' }));
  return { filePath: `/w/${name}`, messages };
}

function lint(files: readonly object[], end: ProcessEnd = exit(0), format = createFormat()): Interpretation {
  const bytes = new TextEncoder().encode(JSON.stringify(files));
  return format.interpret({
    spec: { id: 'lint', run: 'npm run lint', report: format.id, reportFile: 'lint.json', timeoutMs: 90_000 },
    end,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    stdoutTruncated: false,
    artefacts: [{ path: 'lint.json', bytes, truncated: false }],
  });
}

const CLEAN = file('clean.js');
const WARNED = file('warned.js', ['no-var', 'warning']);
const RED = file('red.js', ['no-undef', 'error'], ['no-undef', 'error'], ['no-var', 'warning']);

describe('an analysis passes only when it says what it examined and nothing in it is an error', () => {
  it.each<[string, readonly object[], ProcessEnd, Conclusion, string]>([
    ['clean', [CLEAN, CLEAN], exit(0), 'success', '0 errors in 2 files.'],
    ['warnings', [CLEAN, WARNED], exit(0), 'success', '0 errors in 2 files (and 1 warning).'],
    ['errors', [CLEAN, RED], exit(1), 'failure', '2 errors in 2 files (and 1 warning), first: red.js > no-undef.'],
    [
      'errors and exit 0',
      [RED],
      exit(0),
      'failure',
      '2 errors in 1 file (and 1 warning); the command exited with 0 all the same, first: red.js > no-undef.',
    ],
    [
      'warnings and exit 1',
      [WARNED],
      exit(1),
      'inconclusive',
      'The report has 0 errors in 1 file (and 1 warning), but the command disagrees: exit code 1.',
    ],
    ['nothing examined', [], exit(0), 'inconclusive', 'The report says that no file was examined; exit code 0.'],
  ])('%s', (_, files, end, conclusion, summary) => {
    const read = lint(files, end);
    expect({ conclusion: read.conclusion, summary: read.summary }).toEqual({ conclusion, summary });
  });

  it('counts errors, and one for everything examined that has none', () => {
    const { counted, failed, skipped } = lint([CLEAN, WARNED, RED]);
    expect({ counted, failed, skipped }).toEqual({ counted: 4, failed: 2, skipped: 2 });
  });

  it('is inconclusive when nothing was found and nobody says where', () => {
    const bytes = new TextEncoder().encode('{"runs":[{"results":[]}]}');
    const read = createSarif().interpret({
      spec: { id: 'scan', run: 'scan', report: 'sarif', reportFile: null, timeoutMs: 90_000 },
      end: exit(0),
      stdout: bytes,
      stderr: new Uint8Array(),
      stdoutTruncated: false,
      artefacts: [],
    });
    expect(read).toMatchObject({ conclusion: 'inconclusive', counted: 0 });
    expect(read.summary).toBe('The report has 0 errors, but does not say what was examined; exit code 0.');
  });
});

describe('findings against the base', () => {
  const moved = (base: readonly object[], now: readonly object[]): unknown =>
    compareTests(lint(base).tests, lint(now).tests);
  const nothing = { newlyFailing: [], fixed: [], missing: [], newlySkipped: [] };

  it('that are gone were fixed, also the second of its kind', () => {
    expect(moved([RED], [file('red.js', ['no-undef', 'error'])])).toEqual({
      ...nothing,
      fixed: ['red.js > no-undef #2'],
    });
    expect(moved([RED], [CLEAN])).toEqual({ ...nothing, fixed: ['red.js > no-undef', 'red.js > no-undef #2'] });
  });

  it('that are new fail, also one more of a kind', () => {
    const more = file('red.js', ['no-undef', 'error'], ['no-undef', 'error'], ['no-undef', 'error']);
    expect(moved([RED], [more])).toEqual({ ...nothing, newlyFailing: ['red.js > no-undef #3'] });
  });

  it('that became warnings are seen: a rule was loosened', () => {
    const loosened = file('red.js', ['no-undef', 'warning'], ['no-undef', 'warning']);
    const newlySkipped = ['red.js > no-undef', 'red.js > no-undef #2'];
    expect(moved([RED], [loosened])).toEqual({ ...nothing, newlySkipped });
  });

  it('that were warnings may go without a word', () => {
    expect(moved([WARNED], [CLEAN])).toEqual(nothing);
  });
});
