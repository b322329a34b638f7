/**
 * Ruff's JSON to findings: every entry is an error by its code, unless it says another severity. The list does not say what
 * was examined; `ruff check -v --output-format json 2>&1` writes a line `Checked 12 files in` before it, which does.
 */
import { countAt, objectAt, objectsOf, readJson, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placed, readFindings } from '../reading.ts';
import type { RawFinding, ReadFindings, UnreadableReport } from '../reading.ts';

/** Ruff 0.17, at log level debug: `[…][ruff::commands::check][DEBUG] Checked 12 files in: 1.4ms`. */
const EXAMINED = /^\[[\d-]+\]\[[\d:]+\]\[ruff::[\w:]+\]\[DEBUG\] Checked (\d{1,9}) files? in: /m;

function findingOf(entry: JsonObject): RawFinding | null {
  const unit = textAt(entry, 'filename');
  if (unit === '' || !('code' in entry)) return null;
  const words = textAt(entry, 'message');
  // Syntax errors have no code in some versions.
  const rule = textAt(entry, 'code') || words;
  const location = objectAt(entry, 'location');
  const place = { file: unit, line: countAt(location, 'row'), column: countAt(location, 'column') };
  const level = /^(?:warning|info)$/i.test(textAt(entry, 'severity')) ? 'warning' : 'error';
  return { unit, rule, level, message: placed(place, `${rule} ${words}`) };
}

function readEntries(value: unknown, whole: string): ReadFindings | null {
  const findings = objectsOf(value)?.map(findingOf) ?? null;
  if (findings === null || findings.includes(null)) return null;
  const examined = EXAMINED.exec(whole)?.[1];
  return readFindings(
    findings.flatMap((finding) => finding ?? []),
    examined === undefined ? null : Number(examined),
    null,
  );
}

export function readRuff(bytes: Uint8Array): ReadFindings | UnreadableReport {
  // The line about what was examined is in the way of the JSON, in a file as on standard output.
  return readJson(bytes, 'stream', { label: 'a Ruff report', read: readEntries });
}
