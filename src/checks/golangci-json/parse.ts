/**
 * golangci-lint's JSON to findings: every issue is an error, whatever its severity, as for the exit code of the program. What
 * was examined are the linters that ran: the files are not told, and without any Go file the program fails by itself.
 */
import { isFields } from '../../core/fields.ts';
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

function findingOf(issue: JsonObject): RawFinding {
  const position = objectAt(issue, 'Pos');
  const file = textAt(position, 'Filename');
  const linter = textAt(issue, 'FromLinter');
  const place = { file, line: countAt(position, 'Line'), column: countAt(position, 'Column') };
  const message = placed(place, textAt(issue, 'Text'));
  return { unit: linter, rule: file, level: 'error', message };
}

function readIssues(value: unknown): ReadFindings | null {
  // `Issues` is null when there are none.
  const issues = isFields(value) && 'Issues' in value ? objectsOf(value['Issues'] ?? []) : null;
  if (!isFields(value) || issues === null) return null;
  const report = objectAt(value, 'Report');
  const linters = (objectsOf(report['Linters']) ?? []).filter((linter) => linter['Enabled'] === true);
  const error = textAt(report, 'Error');
  const doubt = error === '' ? null : `the program failed: ${error.slice(0, 200)}`;
  return readFindings(issues.map(findingOf), linters.length === 0 ? null : linters.length, doubt);
}

export function readGolangci(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a golangci-lint report', read: readIssues });
}
