/**
 * Cobertura to lines: every `line` of a `class`, by its `filename`. Lines of methods are the same lines again. Branches are
 * not counted.
 */
import { isHit, lineHits, lineNumber } from '../coverage.ts';
import type { LineHits } from '../coverage.ts';
import type { ReadMeasure } from '../measure-format.ts';
import type { ReportOrigin, UnreadableReport } from '../reading.ts';
import { readRecords } from '../xml-records.ts';
import type { XmlRecord } from '../xml-records.ts';

function takeLines(record: XmlRecord, file: string, hits: LineHits): void {
  for (const child of record.children) {
    const at = child.name === 'line' ? lineNumber(child.attributes['number']) : null;
    if (at !== null) hits.hit(file, at, isHit(child.attributes['hits']));
    takeLines(child, file, hits);
  }
}

export function readCobertura(bytes: Uint8Array, origin: ReportOrigin): ReadMeasure | UnreadableReport {
  const hits = lineHits();
  return readRecords(bytes, origin, {
    label: 'a Cobertura report',
    roots: ['coverage'],
    records: new Set(['class']),
    record: (record) => takeLines(record, (record.attributes['filename'] ?? '').replaceAll('\\', '/'), hits),
    finish: () => hits.finish(),
  });
}
