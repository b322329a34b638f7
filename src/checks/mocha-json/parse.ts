/**
 * Mocha's JSON to outcomes: the lists `passes`, `failures` and `pending`, named by file and full title. Failed hooks stand
 * in `failures` and not among the tests. `stats` that count more than is listed raise a doubt.
 */
import { isFields } from '../../core/fields.ts';
import { headOf } from '../excerpt.ts';
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placeless, readOutcomes, shortfall } from '../reading.ts';
import type { RawOutcome, Reading, ReportOrigin } from '../reading.ts';

const LISTS: readonly (readonly [list: string, status: RawOutcome['status']])[] = [
  ['passes', 'passed'],
  ['failures', 'failed'],
  ['pending', 'skipped'],
];

function outcomeOf(test: JsonObject, status: RawOutcome['status']): RawOutcome {
  const title = textAt(test, 'fullTitle');
  const path = [placeless(textAt(test, 'file')), title === '' ? textAt(test, 'title') : title];
  if (status !== 'failed') return { path, status };
  const error = objectAt(test, 'err');
  const stack = textAt(error, 'stack');
  return { path, status, message: headOf(stack === '' ? textAt(error, 'message') : stack) };
}

function readLists(value: unknown): Reading | null {
  if (!isFields(value) || !isFields(value['stats'])) return null;
  const outcomes: RawOutcome[] = [];
  for (const [list, status] of LISTS) {
    const tests = objectsOf(value[list]);
    if (tests === null) return null;
    for (const test of tests) outcomes.push(outcomeOf(test, status));
  }
  const stats = value['stats'];
  return readOutcomes(
    outcomes,
    shortfall(outcomes, { total: countAt(stats, 'tests'), failed: countAt(stats, 'failures') }),
  );
}

export function readMocha(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readJson(bytes, origin, { label: 'a Mocha report', read: readLists });
}
