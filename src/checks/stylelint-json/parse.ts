/**
 * Stylelint's JSON to findings: every entry of `warnings` by its rule; severity `error`, or none, is an error, and so is what
 * stands in `parseErrors`. What was examined are the sources it lists, clean ones included, without ignored ones. Options
 * that a rule does not know raise a doubt: the rule did not run.
 */
import { countAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

function findingOf(file: string, warning: JsonObject): RawFinding {
  const words = textAt(warning, 'text');
  const rule = textAt(warning, 'rule') || textAt(warning, 'stylelintType');
  const place = { file, line: countAt(warning, 'line'), column: countAt(warning, 'column') };
  return {
    unit: file,
    rule: rule === '' ? words : rule,
    level: warning['severity'] === 'warning' ? 'warning' : 'error',
    message: placed(place, words),
  };
}

function readSources(value: unknown): ReadFindings | null {
  const sources = objectsOf(value);
  if (sources === null) return null;
  const findings: RawFinding[] = [];
  let examined = 0;
  let doubt: string | null = null;
  for (const source of sources) {
    const warnings = objectsOf(source['warnings']);
    const broken = objectsOf(source['parseErrors'] ?? []);
    const invalid = objectsOf(source['invalidOptionWarnings'] ?? []);
    if (warnings === null || broken === null || invalid === null || !('source' in source)) return null;
    if (source['ignored'] !== true) examined += 1;
    if (invalid.length > 0) doubt ??= `a rule has invalid options: ${textAt(invalid[0] ?? {}, 'text').slice(0, 200)}`;
    for (const warning of [...warnings, ...broken]) findings.push(findingOf(textAt(source, 'source'), warning));
  }
  return readFindings(findings, examined, doubt);
}

export function readStylelint(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a Stylelint report', read: readSources });
}
