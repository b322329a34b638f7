/**
 * Playwright's JSON to outcomes: one test for every spec and project, named by file, suites, title and project.
 * `unexpected` is failed, `expected` passed (also a test that is meant to fail), `flaky` passed in the end. Errors outside
 * of tests are a failed test of their own; counts above what is listed raise a doubt.
 */
import { isFields } from '../../core/fields.ts';
import { headOf } from '../excerpt.ts';
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placeless, readOutcomes, shortfall, unreadable } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';

const STATUSES: Readonly<Record<string, RawOutcome['status']>> = {
  expected: 'passed',
  flaky: 'passed',
  unexpected: 'failed',
  skipped: 'skipped',
};

/** Nested `describe` blocks; beyond this somebody is playing. */
const MAX_DEPTH = 64;

function messageOf(test: JsonObject): string {
  const results = objectsOf(test['results']) ?? [];
  const errors = results.map((result) => textAt(objectAt(result, 'error'), 'message'));
  return headOf(errors.findLast((message) => message !== '') ?? '');
}

/** null for a test that has no status we know. */
function outcomeOf(path: readonly string[], test: JsonObject): RawOutcome | null {
  const status = STATUSES[textAt(test, 'status')];
  if (status === undefined) return null;
  const named = [...path, textAt(test, 'projectName')];
  return status === 'failed' ? { path: named, status, message: messageOf(test) } : { path: named, status };
}

/** Adds what a suite holds; false when it is not built like one. */
function collect(suite: JsonObject, around: readonly string[], into: RawOutcome[]): boolean {
  if (around.length > MAX_DEPTH) return false;
  const path = [...around, placeless(textAt(suite, 'title'))];
  const specs = objectsOf(suite['specs'] ?? []);
  const suites = objectsOf(suite['suites'] ?? []);
  if (specs === null || suites === null) return false;
  for (const spec of specs) {
    const tests = objectsOf(spec['tests']);
    if (tests === null) return false;
    for (const test of tests) {
      const outcome = outcomeOf([...path, textAt(spec, 'title')], test);
      if (outcome === null) return false;
      into.push(outcome);
    }
  }
  return suites.every((inner) => collect(inner, path, into));
}

function readSuites(value: unknown): Reading | null {
  if (!isFields(value) || !isFields(value['stats'])) return null;
  const suites = objectsOf(value['suites']);
  if (suites === null) return null;
  const outcomes: RawOutcome[] = [];
  if (!suites.every((suite) => collect(suite, [], outcomes))) return unreadable('has suites that cannot be understood');
  for (const error of objectsOf(value['errors'] ?? []) ?? []) {
    outcomes.push({ path: ['outside of tests'], status: 'failed', message: headOf(textAt(error, 'message')) });
  }
  const of = (key: string): number => countAt(objectAt(value, 'stats'), key);
  const total = of('expected') + of('unexpected') + of('flaky') + of('skipped');
  return readOutcomes(outcomes, shortfall(outcomes, { total, failed: of('unexpected') }));
}

export function readPlaywright(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readJson(bytes, origin, { label: 'a Playwright report', read: readSuites });
}
