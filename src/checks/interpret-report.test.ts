/** The rules by which a check passes, over the real readers. */
import { describe, expect, it } from 'vitest';
import type { Conclusion, Interpretation } from '../core/check.ts';
import type { CheckEvidence } from '../ports/check.ts';
import type { ProcessEnd } from '../ports/sandbox.ts';
import { MAX_REPORT_BYTES } from './interpret-report.ts';
import { createFormat } from './junit/index.ts';
import { createFormat as createTap } from './tap/index.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const exit = (code: number): ProcessEnd => ({ kind: 'exited', code });

const suite = (cases: string): string => `<testsuite name="S">${cases}</testsuite>`;
const GREEN = suite('<testcase name="a"/><testcase name="b"/><testcase name="c"><skipped/></testcase>');
const RED = suite('<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>');
const SKIPPED = suite('<testcase name="a"><skipped/></testcase><testcase name="b"><skipped/></testcase>');
const CLAIMED = '<testsuite name="S" tests="6" failures="0"/>';
const SILENT = '<testsuite name="S" tests="1" failures="1"><testcase name="a"/></testsuite>';

function evidence(reports: readonly (string | Uint8Array)[], end: ProcessEnd): CheckEvidence {
  return {
    spec: { id: 'unit', run: 'npm test', report: 'junit', reportFile: 'out/*.xml', timeoutMs: 90_000 },
    end,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    stdoutTruncated: false,
    artefacts: reports.map((report, at) => ({
      path: `out/${at}.xml`,
      bytes: typeof report === 'string' ? encode(report) : report,
      truncated: false,
    })),
  };
}

const interpret = (reports: readonly (string | Uint8Array)[], end: ProcessEnd): Interpretation =>
  createFormat().interpret(evidence(reports, end));

describe('a check passes only when a whole report and the exit code agree', () => {
  const table: readonly [
    what: string,
    reports: readonly string[],
    end: ProcessEnd,
    conclusion: Conclusion,
    summary: string,
  ][] = [
    ['green and exit 0', [GREEN], exit(0), 'success', '2 tests passed (1 skipped).'],
    ['red and exit 1', [RED], exit(1), 'failure', '1 of 2 tests failed, first: S > b.'],
    [
      'red and exit 0',
      [RED],
      exit(0),
      'failure',
      '1 of 2 tests failed; the command exited with 0 all the same, first: S > b.',
    ],
    [
      'red and killed',
      [RED],
      { kind: 'signalled', signal: 'SIGKILL' },
      'failure',
      '1 of 2 tests failed, first: S > b.',
    ],
    [
      'green and exit 3',
      [GREEN],
      exit(3),
      'inconclusive',
      '2 tests passed (1 skipped) according to the report, but the command disagrees: exit code 3.',
    ],
    [
      'green and killed',
      [GREEN],
      { kind: 'signalled', signal: 'SIGSEGV' },
      'inconclusive',
      '2 tests passed (1 skipped) according to the report, but the command disagrees: ended by SIGSEGV.',
    ],
    ['all skipped', [SKIPPED], exit(0), 'inconclusive', 'Nothing was executed: all 2 tests were skipped; exit code 0.'],
    ['no test in it', ['<testsuites/>'], exit(0), 'inconclusive', 'The report counts no test; exit code 0.'],
    [
      'counts without names',
      [CLAIMED],
      exit(0),
      'inconclusive',
      '6 tests passed, but the report declares 6 and names none; exit code 0.',
    ],
    [
      'declared failures that are not shown',
      [SILENT],
      exit(0),
      'inconclusive',
      '1 test passed, but a suite declares 1 failed and shows none; exit code 0.',
    ],
    ['no report, exit 0', [], exit(0), 'inconclusive', 'No JUnit report at out/*.xml; exit code 0.'],
    ['no report, exit 1', [], exit(1), 'inconclusive', 'No JUnit report at out/*.xml; exit code 1.'],
    [
      'no report, command not found',
      [],
      exit(127),
      'unrunnable',
      'The command could not run: a program it needs was not found (exit code 127).',
    ],
    [
      'empty report, command not executable',
      [''],
      exit(126),
      'unrunnable',
      'The command could not run: a program it needs cannot be executed (exit code 126).',
    ],
    [
      'nothing counted, command not found',
      ['<testsuites/>'],
      exit(127),
      'unrunnable',
      'The command could not run: a program it needs was not found (exit code 127).',
    ],
    [
      'one of two reports broken',
      [GREEN, '<testsuite>'],
      exit(0),
      'inconclusive',
      'The JUnit report out/1.xml is not well-formed XML or is incomplete (line 1: unclosed tag: testsuite); exit code 0.',
    ],
    [
      'time is up',
      [GREEN],
      { kind: 'wall-time' },
      'timed_out',
      'The command did not end within 90 seconds and was stopped.',
    ],
    ['silent', [GREEN], { kind: 'idle' }, 'timed_out', 'The command went silent, did not end in time and was stopped.'],
    [
      'too much output',
      [GREEN],
      { kind: 'output-limit' },
      'inconclusive',
      'The command wrote more output than is allowed and was stopped.',
    ],
    ['cancelled', [GREEN], { kind: 'cancelled' }, 'inconclusive', 'The command was cancelled before it ended.'],
    [
      'no such program',
      [],
      { kind: 'not-found', detail: 'sh: no such file\nmore' },
      'unrunnable',
      'The command could not be started: sh: no such file…',
    ],
  ];

  it.each(table)('%s', (...[, reports, end, conclusion, summary]) => {
    expect(interpret(reports, end)).toMatchObject({ conclusion, summary });
  });
});

describe('several report files', () => {
  it('are counted together, and equal names are kept apart', () => {
    const both = interpret([GREEN, RED], exit(1));
    expect(both).toMatchObject({ conclusion: 'failure', counted: 4, failed: 1, skipped: 1 });
    expect(both.tests.map((test) => test.id)).toEqual(['S > a', 'S > a #2', 'S > b', 'S > b #2', 'S > c']);
  });

  it('pass only together: a file that counts nothing does not harm, a file that was cut does', () => {
    expect(interpret([GREEN, '<testsuites/>'], exit(0)).conclusion).toBe('success');
    const cut = evidence([GREEN, GREEN], exit(0));
    const artefacts = cut.artefacts.map((one, at) => ({ ...one, truncated: at === 1 }));
    expect(createFormat().interpret({ ...cut, artefacts })).toMatchObject({
      conclusion: 'inconclusive',
      summary: 'The JUnit report out/1.xml was cut because it is too large; exit code 0.',
    });
  });
});

describe('size', () => {
  it('refuses more than 64 MB unread', () => {
    const huge = interpret([new Uint8Array(MAX_REPORT_BYTES + 1)], exit(0));
    expect(huge).toMatchObject({ conclusion: 'inconclusive', counted: 0 });
    expect(huge.summary).toBe('The report has 67108865 bytes, more than the 67108864 that are read; exit code 0.');
  });

  it('reads forty thousand tests of one name and gives each an id', () => {
    const many = interpret([suite('<testcase name="a"/>'.repeat(40_000))], exit(0));
    expect(many).toMatchObject({ conclusion: 'success', counted: 40_000 });
    expect(new Set(many.tests.map((test) => test.id)).size).toBe(40_000);
  });
});

describe('a report on standard output', () => {
  const onStdout = (stdout: string, stdoutTruncated = false): CheckEvidence => ({
    ...evidence([], exit(0)),
    spec: { id: 'unit', run: 'node --test', report: 'tap', reportFile: null, timeoutMs: 90_000 },
    stdout: encode(stdout),
    stdoutTruncated,
  });

  it('is read from there, and missing when nothing was written', () => {
    expect(createTap().interpret(onStdout('1..1\nok 1 - a\n')).conclusion).toBe('success');
    expect(createTap().interpret(onStdout('')).summary).toBe('No TAP report: standard output is empty; exit code 0.');
    expect(createTap().interpret(onStdout('hello\n')).summary).toBe(
      'The TAP report on standard output holds no TAP; exit code 0.',
    );
  });

  it('is not trusted when a part of it was not kept', () => {
    expect(createTap().interpret(onStdout('1..1\nok 1 - a\n', true)).conclusion).toBe('inconclusive');
  });

  it('says that a broken plan goes with the failures', () => {
    const interpretation = createTap().interpret(onStdout('1..3\nok 1 - a\nnot ok 2 - b\n'));
    expect(interpretation.summary).toBe(
      '1 of 2 tests failed; the command exited with 0 all the same, first: b; also, it planned 3 and shows 2.',
    );
  });
});
