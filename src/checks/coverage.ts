/** Lines that tests ran through, whatever format says so. */
import type { CheckFormat } from '../ports/check.ts';
import { countLines, measuredWords, percent } from '../core/measure.ts';
import type { CoveredLines } from '../core/measure.ts';
import { plural } from './conclude.ts';
import { measureFormat } from './measure-format.ts';
import type { ReadMeasure } from './measure-format.ts';
import { unreadable } from './reading.ts';
import type { ReportReader, UnreadableReport } from './reading.ts';

/** Collects hits; a line that several records name was covered where any of them says so. */
export interface LineHits {
  hit(file: string, line: number, covered: boolean): void;
  finish(): ReadMeasure | UnreadableReport;
}

/** Numbers as reports write them. null where it is none. */
export function lineNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}

/** Some writers count beyond what a number holds, or write them as fractions. */
export function isHit(text: string | undefined): boolean {
  return text !== undefined && Number(text) > 0;
}

function measureOf(lines: CoveredLines): ReadMeasure {
  const count = countLines(lines.values());
  const value = percent(count);
  const words = `${measuredWords({ value, unit: '%' })} of ${plural(count.total, 'line')} covered`;
  return { kind: 'measure', value, unit: '%', words, counted: count.total, lines };
}

export function lineHits(): LineHits {
  const files = new Map<string, Map<number, boolean>>();
  return {
    hit(file, line, covered) {
      const lines = files.get(file) ?? new Map<number, boolean>();
      lines.set(line, covered || lines.get(line) === true);
      files.set(file, lines);
    },
    finish: () => (files.size === 0 ? unreadable('names no line that could be covered') : measureOf(files)),
  };
}

export function coverageFormat(reader: ReportReader<ReadMeasure>): CheckFormat {
  return measureFormat(reader, ([first, ...rest]) => {
    if (rest.length === 0) return first;
    const all = new Map<string, Map<number, boolean>>();
    for (const [file, lines] of [first, ...rest].flatMap((one) => [...(one.lines ?? [])])) {
      const known = all.get(file) ?? new Map<number, boolean>();
      for (const [line, covered] of lines) known.set(line, covered || known.get(line) === true);
      all.set(file, known);
    }
    return measureOf(all);
  });
}
