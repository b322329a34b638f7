/**
 * LCOV to lines: every `DA:line,hits` of a record that begins with `SF:file` and ends with `end_of_record` (geninfo(1)).
 * Functions and branches are not counted. A record without its end was cut off, and so was the report.
 */
import { isHit, lineHits, lineNumber } from '../coverage.ts';
import { decodeReport } from '../decode.ts';
import type { ReadMeasure } from '../measure-format.ts';
import { unreadable } from '../reading.ts';
import type { ReportOrigin, UnreadableReport } from '../reading.ts';

export function readLcov(bytes: Uint8Array, _origin: ReportOrigin): ReadMeasure | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const hits = lineHits();
  let file: string | null = null;
  for (const line of decoded.text.split(/\r?\n/)) {
    if (line.startsWith('SF:')) {
      if (file !== null) return unreadable('has a record without an end');
      file = line.slice(3).trim();
    } else if (line.trim() === 'end_of_record') {
      file = null;
    } else if (line.startsWith('DA:') && file !== null) {
      const [number, count] = line.slice(3).split(',');
      const at = lineNumber(number);
      // Line 0 is what some writers call generated code.
      if (at === null && number !== '0') return unreadable('has a line number that is none');
      if (at !== null) hits.hit(file, at, isHit(count));
    }
  }
  return file === null ? hits.finish() : unreadable('is incomplete: its last record has no end');
}
