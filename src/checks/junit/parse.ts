/**
 * JUnit XML to outcomes.
 *
 * There is no standard, only writers; this reads what they have in common and errs towards red:
 * - every `testcase`, at any depth, is one test; its identity is the names of its suites, its class and its name;
 * - `failure`, `error`, `rerunFailure`, `rerunError`: failed. `flakyFailure`, `flakyError` alone: passed in the end;
 * - `skipped`, `disabled`, `warning` (PHPUnit: a class without tests), and the attributes that say "not run": skipped.
 *   A failure beside it wins, except for `skipped type="todo"` (Node), where the failure is expected;
 * - `failure` or `error` directly in a suite is a failed test named like the suite;
 * - a suite that declares failures and shows none is a contradiction, and a report that only declares counts names nothing.
 */
import type { Reading, ReportOrigin } from '../reading.ts';
import { readXml } from '../xml-report.ts';
import { junitDocument } from './document.ts';

export function readJunit(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readXml(bytes, origin, { roots: ['testsuites', 'testsuite'], tolerant: true, handler: junitDocument() });
}
