/**
 * Visual Studio test results to outcomes (schema: vstst.xsd).
 * - `Failed`, `Error`, `Timeout` and `PassedButRunAborted` are failed; `Passed`, `Warning` and `Completed` passed;
 * - everything else did not come to an end and is skipped; where it was not left out on purpose (`NotExecuted`, `Pending`,
 *   `Inconclusive`), such as `Aborted` and `NotRunnable`, it also raises a doubt;
 * - a result with inner results (data rows) stands for them, unless it failed and none of them did;
 * - the summary must not say more failures than are shown.
 * The class of a test stands in its definition, which comes after the result.
 */
import { headOf } from '../excerpt.ts';
import { readOutcomes, shortfall } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';
import { findIn, readRecords, textsIn } from '../xml-records.ts';
import type { XmlRecord } from '../xml-records.ts';
import type { Attributes } from '../xml-report.ts';

const RESULTS = ['UnitTestResult', 'GenericTestResult', 'ManualTestResult', 'WebTestResult', 'TestResult'];
const FAILED = new Set(['Failed', 'Error', 'Timeout', 'PassedButRunAborted']);
const PASSED = new Set(['Passed', 'Warning', 'Completed']);
const LEFT_OUT = new Set(['NotExecuted', 'Pending', 'Inconclusive']);

interface Result {
  readonly testId: string;
  readonly name: string;
  readonly status: RawOutcome['status'];
  readonly message: string;
}

interface State {
  readonly results: Result[];
  readonly classes: Map<string, string>;
  declaredFailed: number;
  doubt: string | null;
}

function statusOf(state: State, { testName = '', outcome = '' }: Attributes): RawOutcome['status'] {
  if (FAILED.has(outcome)) return 'failed';
  if (PASSED.has(outcome)) return 'passed';
  if (!LEFT_OUT.has(outcome)) state.doubt ??= `"${testName.slice(0, 100)}" ended as "${outcome.slice(0, 40)}"`;
  return 'skipped';
}

function readResult(state: State, record: XmlRecord): void {
  const rows = findIn(record, 'InnerResults')?.children.filter((child) => RESULTS.includes(child.name)) ?? [];
  const before = state.results.length;
  for (const row of rows) readResult(state, row);
  const status = statusOf(state, record.attributes);
  const shown = state.results.slice(before).some((result) => result.status === 'failed');
  if (rows.length > 0 && (status !== 'failed' || shown)) return;
  const { testId = '', testName = '' } = record.attributes;
  const error = findIn(record, 'ErrorInfo') ?? record;
  const message = status === 'failed' ? headOf(textsIn(error, ['Message', 'StackTrace'])) : '';
  state.results.push({ testId, name: testName, status, message });
}

function declaredFailures(counters: Attributes): number {
  return ['failed', 'error', 'timeout', 'passedButRunAborted']
    .map((name) => Number(counters[name] ?? '0'))
    .reduce((sum, count) => sum + (Number.isSafeInteger(count) ? count : 0), 0);
}

function outcomeOf(state: State, { testId, name, status, message }: Result): RawOutcome {
  const owner = state.classes.get(testId) ?? '';
  const path = owner === '' || name.startsWith(owner) ? [name] : [owner, name];
  return message === '' ? { path, status } : { path, status, message };
}

export function readTrx(bytes: Uint8Array, origin: ReportOrigin): Reading {
  const state: State = { results: [], classes: new Map(), declaredFailed: 0, doubt: null };
  return readRecords(bytes, origin, {
    label: 'a TRX report',
    roots: ['TestRun'],
    records: new Set([...RESULTS, 'UnitTest', 'ResultSummary']),
    record(record) {
      if (RESULTS.includes(record.name)) readResult(state, record);
      else if (record.name === 'UnitTest') {
        const owner = findIn(record, 'TestMethod')?.attributes['className'] ?? '';
        // Old writers append the assembly: `Space.Class, Assembly, Version=1.0.0.0`.
        state.classes.set(record.attributes['id'] ?? '', owner.replace(/,.*$/s, ''));
      } else {
        state.declaredFailed += declaredFailures(findIn(record, 'Counters')?.attributes ?? {});
        const outcome = record.attributes['outcome'] ?? '';
        if (/^(?:Failed|Error|Timeout|Aborted)$/.test(outcome)) state.declaredFailed += 1;
      }
    },
    finish() {
      const outcomes = state.results.map((result) => outcomeOf(state, result));
      const doubt = shortfall(outcomes, { total: 0, failed: state.declaredFailed });
      return readOutcomes(outcomes, state.doubt ?? doubt);
    },
  });
}
