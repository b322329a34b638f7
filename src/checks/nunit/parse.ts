/**
 * NUnit XML to outcomes: every `test-case`, named by its suites and its name.
 * - version 3 says `result`: `Failed` is failed, `Passed` and `Warning` passed, `Skipped` and `Inconclusive` skipped;
 * - version 2 says `executed`, `success` and in its later releases `result`: not executed, or `Inconclusive`, is skipped;
 *   a `failure` in it, `Failure`, `Error` and `success="False"` are failed.
 * A report whose root declares more failures than it shows is a contradiction: some tests are counted and not written.
 */
import { headOf } from '../excerpt.ts';
import { placeless, readOutcomes, shortfall } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';
import { findIn, readRecords, textsIn } from '../xml-records.ts';
import type { Group, XmlRecord } from '../xml-records.ts';
import type { Attributes } from '../xml-report.ts';

const FAILED = new Set(['Failed', 'Failure', 'Error', 'Cancelled']);
const SKIPPED = new Set(['Skipped', 'Inconclusive', 'Ignored', 'NotRunnable', 'NotRun']);

function statusOf({ attributes }: XmlRecord, failure: boolean): RawOutcome['status'] {
  const result = attributes['result'] ?? '';
  if (failure || FAILED.has(result)) return 'failed';
  if (SKIPPED.has(result) || /^false$/i.test(attributes['executed'] ?? '')) return 'skipped';
  return result === '' && /^false$/i.test(attributes['success'] ?? '') ? 'failed' : 'passed';
}

function outcomeOf(record: XmlRecord, groups: readonly Group[]): RawOutcome {
  const suites = groups.filter((group) => group.name === 'test-suite');
  const path = [...suites.map((suite) => placeless(suite.attributes['name'] ?? '')), record.attributes['name'] ?? ''];
  const failure = record.children.find((child) => child.name === 'failure');
  const status = statusOf(record, failure !== undefined);
  const said = failure ?? findIn(record, 'assertions') ?? record;
  return status === 'failed'
    ? { path, status, message: headOf(textsIn(said, ['message', 'stack-trace'])) }
    : { path, status };
}

function declaredFailures(root: Attributes): number {
  const counts = ['failed', 'failures', 'errors'].map((name) => Number(root[name] ?? '0'));
  return counts.reduce((sum, count) => sum + (Number.isSafeInteger(count) ? count : 0), 0);
}

export function readNunit(bytes: Uint8Array, origin: ReportOrigin): Reading {
  const outcomes: RawOutcome[] = [];
  return readRecords(bytes, origin, {
    label: 'an NUnit report',
    roots: ['test-run', 'test-results', 'test-suite'],
    records: new Set(['test-case']),
    record(record, groups) {
      outcomes.push(outcomeOf(record, groups));
    },
    finish: (root) =>
      readOutcomes(outcomes, shortfall(outcomes, { total: 0, failed: declaredFailures(root.attributes) })),
  });
}
