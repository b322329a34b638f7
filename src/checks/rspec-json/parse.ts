/**
 * RSpec's JSON to outcomes: `examples`, named by file and full description. `pending` is skipped. Errors outside of examples
 * (a file that does not load) are a failed test of their own: RSpec then runs nothing, and counts no failure.
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
  pending: 'skipped',
};

function outcomeOf(example: JsonObject): RawOutcome | null {
  const status = STATUSES[textAt(example, 'status')];
  if (status === undefined) return null;
  const path = [placeless(textAt(example, 'file_path')), textAt(example, 'full_description')];
  if (status !== 'failed') return { path, status };
  const exception = objectAt(example, 'exception');
  return { path, status, message: headOf(`${textAt(exception, 'class')}: ${textAt(exception, 'message')}`) };
}

function outside(value: JsonObject): readonly RawOutcome[] {
  if (countAt(objectAt(value, 'summary'), 'errors_outside_of_examples_count') === 0) return [];
  const messages = Array.isArray(value['messages']) ? value['messages'].filter((text) => typeof text === 'string') : [];
  return [{ path: ['outside of examples'], status: 'failed', message: headOf(messages.join('\n')) }];
}

function readExamples(value: unknown): Reading | null {
  if (!isFields(value) || !isFields(value['summary'])) return null;
  const examples = objectsOf(value['examples']);
  if (examples === null) return null;
  const read = examples.map(outcomeOf);
  if (read.includes(null)) return null;
  const outcomes = [...read.flatMap((one) => one ?? []), ...outside(value)];
  const summary = value['summary'];
  const declared = { total: countAt(summary, 'example_count'), failed: countAt(summary, 'failure_count') };
  return readOutcomes(outcomes, shortfall(outcomes, declared));
}

export function readRspec(bytes: Uint8Array, origin: ReportOrigin): Reading {
  return readJson(bytes, origin, { label: 'an RSpec report', read: readExamples });
}
