/**
 * Semgrep's JSON to findings: every result by its rule. `ERROR`, `CRITICAL` and `HIGH` are errors, the others warnings; what
 * a comment silences (`is_ignored`) is left out. What was examined are `paths.scanned`. An error of the scan itself, such as
 * a file or a rule it could not parse, raises a doubt.
 */
import { isFields } from '../../core/fields.ts';
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

const ERRORS = new Set(['ERROR', 'CRITICAL', 'HIGH']);

function findingOf(result: JsonObject): RawFinding {
  const extra = objectAt(result, 'extra');
  const unit = textAt(result, 'path');
  const start = objectAt(result, 'start');
  const place = { file: unit, line: countAt(start, 'line'), column: countAt(start, 'col') };
  return {
    unit,
    rule: textAt(result, 'check_id'),
    level: ERRORS.has(textAt(extra, 'severity').toUpperCase()) ? 'error' : 'warning',
    message: placed(place, textAt(extra, 'message')),
  };
}

function readResults(value: unknown): ReadFindings | null {
  if (!isFields(value) || !isFields(value['paths'])) return null;
  const results = objectsOf(value['results']);
  const errors = objectsOf(value['errors']);
  if (results === null || errors === null || results.some((result) => !('check_id' in result))) return null;
  const scanned = value['paths']['scanned'];
  const broken = errors.find((error) => textAt(error, 'level').toLowerCase() === 'error');
  const doubt = broken === undefined ? null : `the scan had an error: ${textAt(broken, 'message').slice(0, 200)}`;
  const counted = results.filter((result) => objectAt(result, 'extra')['is_ignored'] !== true);
  return readFindings(counted.map(findingOf), Array.isArray(scanned) ? scanned.length : null, doubt);
}

export function readSemgrep(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a Semgrep report', read: readResults });
}
