/**
 * Trivy's JSON to findings: every vulnerability, misconfiguration that failed, secret and licence of a target is an error,
 * whatever its severity (Trivy exits with 0 unless told otherwise; `--severity` says which are looked for). What was
 * examined are the targets it lists, clean ones included. The bare list of old versions is read too.
 */
import { isFields } from '../../core/fields.ts';
import { objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

/** Each with the key of its identity, and the key of what it is about. */
const KINDS: readonly (readonly [list: string, id: string, about: string])[] = [
  ['Vulnerabilities', 'VulnerabilityID', 'PkgName'],
  ['Misconfigurations', 'ID', ''],
  ['Secrets', 'RuleID', ''],
  ['Licenses', 'Name', 'PkgName'],
];

function findingsOf(target: JsonObject): readonly RawFinding[] | null {
  const unit = textAt(target, 'Target');
  const findings: RawFinding[] = [];
  for (const [list, id, about] of KINDS) {
    const entries = objectsOf(target[list] ?? []);
    if (entries === null) return null;
    for (const entry of entries) {
      if (list === 'Misconfigurations' && /^(?:PASS|EXCEPTION)$/.test(textAt(entry, 'Status'))) continue;
      const rule = [textAt(entry, about), textAt(entry, id)].filter((part) => part !== '').join(' ');
      const words = textAt(entry, 'Message') || textAt(entry, 'Title') || textAt(entry, 'Match');
      findings.push({ unit, rule, level: 'error', message: `${unit}: ${textAt(entry, 'Severity')} ${rule} ${words}` });
    }
  }
  return findings;
}

function readTargets(value: unknown): ReadFindings | null {
  if (isFields(value) && !('SchemaVersion' in value)) return null;
  const targets = objectsOf(isFields(value) ? (value['Results'] ?? []) : value);
  if (targets === null || targets.some((target) => typeof target['Target'] !== 'string')) return null;
  const found = targets.map(findingsOf);
  if (found.includes(null)) return null;
  return readFindings(
    found.flatMap((one) => one ?? []),
    targets.length,
    null,
  );
}

export function readTrivy(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a Trivy report', read: readTargets });
}
