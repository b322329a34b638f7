/**
 * From a report that measures something to an interpretation. The command decides whether it is green, as with `exit-code`;
 * the report gives a number, and without one that can be read nothing passes.
 */
import type { Interpretation } from '../core/check.ts';
import type { CoveredLines } from '../core/measure.ts';
import type { CheckEvidence, CheckFormat } from '../ports/check.ts';
import { CANNOT_EXECUTE, concludeWithoutReport, describeEnd } from './conclude.ts';
import { readSources } from './interpret-report.ts';
import type { ReportReader } from './reading.ts';

/** What a reader makes of one report. */
export interface ReadMeasure {
  readonly kind: 'measure';
  readonly value: number;
  readonly unit: string;
  /** As in "84.2 % of 120 lines are covered". */
  readonly words: string;
  /** How many things it was measured over. */
  readonly counted: number;
  readonly lines?: CoveredLines;
}

function concludeMeasure({ end }: CheckEvidence, read: ReadMeasure): Interpretation {
  if (end.kind === 'exited' && CANNOT_EXECUTE.includes(end.code)) return concludeWithoutReport(end, '');
  const { value, unit, words, counted, lines } = read;
  const green = end.kind === 'exited' && end.code === 0;
  return {
    conclusion: green ? 'success' : 'failure',
    counted,
    failed: green ? 0 : 1,
    skipped: 0,
    tests: [],
    summary: green ? `${words}.` : `${describeEnd(end)}; ${words}.`,
    measured: { value, unit },
    ...(lines === undefined ? {} : { lines }),
  };
}

/** The format of something measured. `join` makes one of the readings of several files. */
export function measureFormat(
  reader: ReportReader<ReadMeasure>,
  join: (readings: readonly [ReadMeasure, ...ReadMeasure[]]) => ReadMeasure,
): CheckFormat {
  return {
    id: reader.id,
    interpret(evidence) {
      const read = readSources(evidence, reader);
      if (read.kind === 'concluded') return read.interpretation;
      const [first, ...rest] = read.readings;
      if (first === undefined) return concludeWithoutReport(evidence.end, 'Nothing was measured');
      return concludeMeasure(evidence, join([first, ...rest]));
    },
  };
}
