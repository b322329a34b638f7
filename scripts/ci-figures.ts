/**
 * Prints `N passed, N failed` from vitest's JSON report; with `--failures`, every failed test with what it said; with
 * `--unstable`, every test that failed before it passed. A report that is absent or counted nothing is a failure.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
  readonly testResults: readonly FileReport[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  /** Why the file itself failed to load. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** Lines of one failure that are shown: the message, the difference and the first frames. */
const SHOWN_LINES = 40;

function readReport(): VitestReport {
  return JSON.parse(readFileSync('node_modules/.cache/vitest-report.json', 'utf8')) as VitestReport;
}

function figures(report: VitestReport): string {
  // A file that fails to load has no tests to count, but it is a failure all the same.
  const failed = report.numFailedTests === 0 && !report.success ? 1 : report.numFailedTests;
  const counted = report.numPassedTests + failed;
  if (counted === 0) return '0 passed, 1 failed';
  const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
  return `${report.numPassedTests} passed, ${failed} failed${skipped}`;
}

function failuresOf(file: FileReport): string[] {
  const name = relative('.', file.name);
  const tests = file.assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `${name} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
  if (tests.length === 0 && file.status === 'failed') tests.push(`${name}\n${file.message}`);
  return tests.map((text) => text.split('\n').slice(0, SHOWN_LINES).join('\n'));
}

/** What failed at first is still told of a test that passed. */
function unstableIn(file: FileReport): string[] {
  return file.assertionResults
    .filter((test) => test.status === 'passed' && test.failureMessages.length > 0)
    .map((test) => `unstable, passed on its second try: ${relative('.', file.name)} > ${test.fullName}`);
}

function main(wanted: string | undefined): string {
  try {
    const report = readReport();
    if (wanted === '--failures') return report.testResults.flatMap(failuresOf).join('\n\n');
    return wanted === '--unstable' ? report.testResults.flatMap(unstableIn).join('\n') : figures(report);
  } catch (error) {
    process.stderr.write(`no test report: ${String(error)}\n`);
    return wanted === undefined ? '0 passed, 1 failed' : '';
  }
}

const text = main(process.argv[2]);
if (text !== '') process.stdout.write(`${text}\n`);
