/** Prints `N passed, N failed` from vitest's JSON report. A report that is absent or counted nothing is a failure. */
import { readFileSync } from 'node:fs';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
}

function figures(): string {
  try {
    const report = JSON.parse(readFileSync('node_modules/.cache/vitest-report.json', 'utf8')) as VitestReport;
    // A file that fails to load has no tests to count, but it is a failure all the same.
    const failed = report.numFailedTests === 0 && !report.success ? 1 : report.numFailedTests;
    const counted = report.numPassedTests + failed;
    if (counted === 0) return '0 passed, 1 failed';
    const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
    return `${report.numPassedTests} passed, ${failed} failed${skipped}`;
  } catch (error) {
    process.stderr.write(`no test report: ${String(error)}\n`);
    return '0 passed, 1 failed';
  }
}

process.stdout.write(`${figures()}\n`);
