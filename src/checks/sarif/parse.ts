/**
 * SARIF to findings (OASIS, 2.1.0; numbers below are its sections):
 * - the level of a result is its own, else that of its rule, else `warning` (3.27.10); levels in capitals are read too;
 * - `kind` other than `fail` is no complaint (3.27.9);
 * - a result with an accepted suppression is left out; one under review or rejected stays (3.27.23, 3.35.3);
 * - what was examined are the `artifacts` of the runs; a list of rules says what was looked for, not what was looked at;
 * - a run that says it did not succeed, or reports an error of the tool itself, raises a doubt (3.20.14, 3.58.6).
 */
import { isFields } from '../../core/fields.ts';
import { objectAt, objectsOf, readJson, countAt, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

function isSuppressed(result: JsonObject): boolean {
  const suppressions = objectsOf(result['suppressions']) ?? [];
  // Some writers say `state` for `status`.
  const said = suppressions.map((one) => (textAt(one, 'status') || textAt(one, 'state') || 'accepted').toLowerCase());
  return said.length > 0 && said.every((status) => status === 'accepted');
}

function isComplaint(result: JsonObject): boolean {
  const kind = textAt(result, 'kind').toLowerCase();
  return (kind === '' || kind === 'fail') && !isSuppressed(result);
}

function ruleLevels(run: JsonObject): ReadonlyMap<string, string> {
  const rules = objectsOf(objectAt(objectAt(run, 'tool'), 'driver')['rules']) ?? [];
  return new Map(
    rules.map((rule) => [textAt(rule, 'id'), textAt(objectAt(rule, 'defaultConfiguration'), 'level').toLowerCase()]),
  );
}

function findingOf(result: JsonObject, levels: ReadonlyMap<string, string>): RawFinding {
  const id = textAt(result, 'ruleId') || textAt(objectAt(result, 'rule'), 'id');
  const level = textAt(result, 'level').toLowerCase() || levels.get(id) || 'warning';
  const physical = objectAt((objectsOf(result['locations']) ?? [])[0] ?? {}, 'physicalLocation');
  const unit = textAt(objectAt(physical, 'artifactLocation'), 'uri');
  const region = objectAt(physical, 'region');
  const words = textAt(objectAt(result, 'message'), 'text');
  const place = { file: unit, line: countAt(region, 'startLine'), column: countAt(region, 'startColumn') };
  return {
    unit,
    rule: id === '' ? words : id,
    level: level === 'error' ? 'error' : 'warning',
    message: placed(place, words),
  };
}

function doubtOf(run: JsonObject): string | null {
  for (const invocation of objectsOf(run['invocations']) ?? []) {
    if (invocation['executionSuccessful'] === false) return 'it says that the analysis did not succeed';
    const notices = objectsOf(invocation['toolExecutionNotifications']) ?? [];
    const broken = notices.find((notice) => textAt(notice, 'level').toLowerCase() === 'error');
    if (broken !== undefined) return `the tool failed: ${textAt(objectAt(broken, 'message'), 'text').slice(0, 200)}`;
  }
  return null;
}

function readRuns(value: unknown): ReadFindings | null {
  const runs = isFields(value) ? objectsOf(value['runs']) : null;
  if (runs === null) return null;
  const findings: RawFinding[] = [];
  let examined = 0;
  for (const run of runs) {
    const results = objectsOf(run['results'] ?? []);
    if (results === null) return null;
    const levels = ruleLevels(run);
    for (const result of results) if (isComplaint(result)) findings.push(findingOf(result, levels));
    examined += objectsOf(run['artifacts'])?.length ?? 0;
  }
  const doubt = runs.map(doubtOf).find((one) => one !== null) ?? null;
  return readFindings(findings, examined === 0 ? null : examined, doubt);
}

export function readSarif(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a SARIF report', read: readRuns });
}
