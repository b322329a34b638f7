/**
 * Jest's JSON, which vitest writes too, to outcomes: `assertionResults` of every file, named by file and titles. `pending`,
 * `todo`, `disabled` and `skipped` are skipped. A file that failed without a failing test in it (it does not compile, a hook
 * broke) is a failed test named like the file. `success: false`, an interrupted run, and counts above what is listed raise
 * a doubt.
 */
import { isFields } from '../../core/fields.ts';
import { headOf } from '../excerpt.ts';
import { countAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placeless, readOutcomes, shortfall } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';

function statusOf(said: string): RawOutcome['status'] {
  if (said === 'passed' || said === 'failed') return said;
  return 'skipped';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function outcomeOf(file: string, test: JsonObject): RawOutcome {
  const path = [file, ...texts(test['ancestorTitles']), textAt(test, 'title')];
  const status = statusOf(textAt(test, 'status'));
  return status === 'failed'
    ? { path, status, message: headOf(texts(test['failureMessages']).join('\n')) }
    : { path, status };
}

function outcomesOf(suite: JsonObject): readonly RawOutcome[] | null {
  const tests = objectsOf(suite['assertionResults']);
  if (tests === null) return null;
  const file = placeless(textAt(suite, 'name'));
  const outcomes = tests.map((test) => outcomeOf(file, test));
  if (suite['status'] !== 'failed' || outcomes.some((outcome) => outcome.status === 'failed')) return outcomes;
  return [...outcomes, { path: [file], status: 'failed', message: headOf(textAt(suite, 'message')) }];
}

function doubtOf(value: JsonObject, outcomes: readonly RawOutcome[]): string | null {
  const total = countAt(value, 'numTotalTests');
  const failed = countAt(value, 'numFailedTests') + countAt(value, 'numRuntimeErrorTestSuites');
  if (value['wasInterrupted'] === true) return 'the run was interrupted';
  const counted = shortfall(outcomes, { total, failed });
  if (counted !== null || outcomes.some((outcome) => outcome.status === 'failed')) return counted;
  return value['success'] === false ? 'the report says that the run was no success' : null;
}

function readSuites(value: unknown): Reading | null {
  if (!isFields(value) || typeof value['numTotalTests'] !== 'number') return null;
  const suites = objectsOf(value['testResults'])?.map(outcomesOf) ?? null;
  if (suites === null || suites.includes(null)) return null;
  const outcomes = suites.flatMap((suite) => suite ?? []);
  return readOutcomes(outcomes, doubtOf(value, outcomes));
}

export function readJest(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readJson(bytes, origin, { label: 'a Jest report', read: readSuites });
}
