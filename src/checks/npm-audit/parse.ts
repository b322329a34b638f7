/**
 * Reports of dependency audits to findings: one for every package or advisory. Severity `info` is a warning, everything else
 * an error. Read are npm 7 and later (`vulnerabilities` by package), npm 6, pnpm and yarn (`advisories`), and cargo audit
 * (`vulnerabilities.list`, or advisories by number). What was examined are the packages that it counts.
 */
import { isFields } from '../../core/fields.ts';
import { isCount, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { readFindings, unreadable } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';

function finding(unit: string, rule: string, about: JsonObject): RawFinding {
  const severity = textAt(about, 'severity');
  const words = [unit, severity, textAt(about, 'title'), textAt(about, 'url')].filter((part) => part !== '');
  return { unit, rule, level: severity === 'info' ? 'warning' : 'error', message: words.join(' ') };
}

/** npm 7: a package, and through which advisories or other packages it is vulnerable. */
function ofPackage(name: string, entry: JsonObject): RawFinding {
  const via = Array.isArray(entry['via']) ? entry['via'].find(isFields) : undefined;
  return finding(name, 'vulnerable', { ...via, severity: entry['severity'] });
}

function ofAdvisory(entry: JsonObject): RawFinding {
  const advisory = isFields(entry['advisory']) ? entry['advisory'] : entry;
  const unit = textAt(advisory, 'module_name') || textAt(advisory, 'package');
  const id = textAt(advisory, 'github_advisory_id') || textAt(advisory, 'id') || textAt(advisory, 'url');
  return finding(unit, id === '' ? textAt(advisory, 'title') : id, advisory);
}

function findingsIn(value: JsonObject): readonly RawFinding[] | null {
  const { advisories, vulnerabilities } = value;
  if (isFields(advisories)) return objectsOf(Object.values(advisories))?.map(ofAdvisory) ?? null;
  if (!isFields(vulnerabilities)) return null;
  if ('list' in vulnerabilities) return objectsOf(vulnerabilities['list'])?.map(ofAdvisory) ?? null;
  const entries = Object.entries(vulnerabilities);
  const found: RawFinding[] = [];
  for (const [name, entry] of entries) {
    if (!isFields(entry)) return null;
    found.push(isFields(entry['advisory']) ? ofAdvisory(entry) : ofPackage(name, entry));
  }
  return found;
}

function examinedIn(value: JsonObject): number | null {
  const metadata = objectAt(value, 'metadata');
  const counts = [
    objectAt(metadata, 'dependencies')['total'],
    metadata['totalDependencies'],
    metadata['dependencies'],
    objectAt(value, 'lockfile')['dependency-count'],
  ];
  return counts.find(isCount) ?? null;
}

function readReport(value: unknown): ReadFindings | UnreadableReport | null {
  if (!isFields(value)) return null;
  const findings = findingsIn(value);
  if (findings !== null) return readFindings(findings, examinedIn(value), null);
  const error = objectAt(value, 'error');
  // An answer of the registry that is no report stands at the top, beside an error that says nothing.
  const answered = 'error' in value ? textAt(value, 'message') : '';
  const words = textAt(error, 'summary') || textAt(error, 'message') || answered || textAt(error, 'code');
  return words === '' ? null : unreadable(`says that the audit failed: ${words}`);
}

export function readAudit(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  return readJson(bytes, origin, { label: 'a report of an audit', read: readReport });
}
