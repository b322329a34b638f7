/**
 * CTRF to outcomes: `results.tests`, named by `filePath`, `suite` (a list, or one text with " > " in it) and `name`.
 * `pending` is skipped. `other` (interrupted, inconclusive) is not known to have run, so it is skipped and raises a doubt;
 * so does a summary that counts more failures or more tests than are listed. Specification: ctrf.io/docs/specification.
 */
import { isFields } from '../../core/fields.ts';
import { headOf } from '../excerpt.ts';
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placeless, readOutcomes, shortfall } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';

const STATUSES: Readonly<Record<string, RawOutcome['status']>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
};

function suitesOf(test: JsonObject): readonly string[] {
  const suite = test['suite'];
  if (Array.isArray(suite)) return suite.filter((part) => typeof part === 'string');
  return [textAt(test, 'suite')];
}

function outcomeOf(test: JsonObject): RawOutcome {
  const path = [placeless(textAt(test, 'filePath')), ...suitesOf(test).map(placeless), textAt(test, 'name')];
  const status = STATUSES[textAt(test, 'status')] ?? 'skipped';
  if (status !== 'failed') return { path, status };
  return { path, status, message: headOf(`${textAt(test, 'message')}\n${textAt(test, 'trace')}`) };
}

function readResults(value: unknown): Reading | null {
  if (!isFields(value)) return null;
  const results = objectAt(value, 'results');
  const tests = objectsOf(results['tests']);
  const summary = objectAt(results, 'summary');
  if (tests === null || tests.some((test) => typeof test['status'] !== 'string')) return null;
  const outcomes = tests.map(outcomeOf);
  const odd = tests.find((test) => STATUSES[textAt(test, 'status')] === undefined);
  const doubt = odd === undefined ? null : `the test "${textAt(odd, 'name')}" is neither passed, failed nor skipped`;
  const declared = { total: countAt(summary, 'tests'), failed: countAt(summary, 'failed') };
  return readOutcomes(outcomes, doubt ?? shortfall(outcomes, declared));
}

export function readCtrf(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readJson(bytes, origin, { label: 'a CTRF report', read: readResults });
}
