/**
 * Checkstyle XML to findings: every `error` of a `file`, by its `source`. Severity `error`, or none, is an error; `warning`
 * and `info` are warnings. What was examined are the files it lists: Checkstyle and ESLint list clean ones too, others
 * (PHP_CodeSniffer, ktlint) do not, and then an empty report says nothing.
 */
import { readFindings, placed } from '../reading.ts';
import type { RawFinding, ReadFindings, ReportOrigin, UnreadableReport } from '../reading.ts';
import { readRecords } from '../xml-records.ts';
import type { XmlRecord } from '../xml-records.ts';

function countOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function findingOf(file: string, { attributes }: XmlRecord): RawFinding {
  const { message = '', source = '', severity = 'error' } = attributes;
  const place = { file, line: countOf(attributes['line']), column: countOf(attributes['column']) };
  return {
    unit: file,
    rule: source === '' ? message : source,
    level: /^(?:warning|info|ignore)$/i.test(severity) ? 'warning' : 'error',
    message: placed(place, message),
  };
}

export function readCheckstyle(bytes: Uint8Array, origin: ReportOrigin): ReadFindings | UnreadableReport {
  const findings: RawFinding[] = [];
  const files = new Set<string>();
  return readRecords(bytes, origin, {
    label: 'a Checkstyle report',
    roots: ['checkstyle'],
    records: new Set(['file']),
    record(record) {
      const file = record.attributes['name'] ?? '';
      files.add(file);
      for (const child of record.children) if (child.name === 'error') findings.push(findingOf(file, child));
    },
    finish: () => readFindings(findings, files.size === 0 ? null : files.size, null),
  });
}
