/** From the evidence to an interpretation, for formats that come as a report: which bytes count, then what they say. */
import type { Interpretation } from '../core/check.ts';
import type { CheckEvidence, CheckFormat } from '../ports/check.ts';
import { concludeCounted, concludeEnd, concludeWithoutReport } from './conclude.ts';
import type { Counts } from './conclude.ts';
import { cleanName } from './excerpt.ts';
import { nameOutcomes } from './identity.ts';
import type { RawOutcome, ReadReport, ReportOrigin, ReportReader, UnnamedCounts } from './reading.ts';

/** Reports beyond this are refused unread: about 400,000 tests, and seconds of parsing. All files of a check together. */
export const MAX_REPORT_BYTES: number = 64 * 1024 * 1024;

interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
  readonly origin: ReportOrigin;
}

function sources(evidence: CheckEvidence, label: string): readonly Source[] {
  if (evidence.spec.reportFile === null) {
    if (evidence.stdout.length === 0) return [];
    const { stdout: bytes, stdoutTruncated: truncated } = evidence;
    return [{ name: `The ${label} on standard output`, bytes, truncated, origin: 'stream' }];
  }
  return evidence.artefacts.map(({ path, bytes, truncated }) => {
    return { name: `The ${label} ${cleanName(path)}`, bytes, truncated, origin: 'file' };
  });
}

function refusal(found: readonly Source[]): string | null {
  const cut = found.find((source) => source.truncated);
  if (cut !== undefined) return `${cut.name} was cut because it is too large`;
  const total = found.reduce((sum, source) => sum + source.bytes.length, 0);
  if (total > MAX_REPORT_BYTES) return `The report has ${total} bytes, more than the ${MAX_REPORT_BYTES} that are read`;
  return null;
}

function missing(evidence: CheckEvidence, label: string): string {
  const { reportFile } = evidence.spec;
  if (reportFile === null) return `No ${label}: standard output is empty`;
  return `No ${label} at ${cleanName(reportFile)}`;
}

function countsOf(raws: readonly RawOutcome[], unnamed: readonly UnnamedCounts[]): Counts {
  const of = (status: RawOutcome['status']): number => raws.filter((raw) => raw.status === status).length;
  const failed = of('failed');
  const named = { executed: of('passed') + failed, failed, skipped: of('skipped') };
  return unnamed.reduce(
    (sum, one) => ({
      executed: sum.executed + one.executed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    named,
  );
}

type Sources<T> =
  | { readonly kind: 'read'; readonly readings: readonly T[] }
  | { readonly kind: 'concluded'; readonly interpretation: Interpretation };

/** Reads every source with the reader. One unreadable source, or none at all, concludes the whole check. */
export function readSources<T extends { readonly kind: 'read' | 'findings' | 'measure' }>(
  evidence: CheckEvidence,
  reader: ReportReader<T>,
): Sources<T> {
  const concluded = (interpretation: Interpretation): Sources<T> => ({ kind: 'concluded', interpretation });
  const ended = concludeEnd(evidence);
  if (ended !== null) return concluded(ended);
  const found = sources(evidence, reader.label);
  if (found.length === 0) return concluded(concludeWithoutReport(evidence.end, missing(evidence, reader.label)));
  const refused = refusal(found);
  if (refused !== null) return concluded(concludeWithoutReport(evidence.end, refused));
  const readings: T[] = [];
  for (const source of found) {
    const reading = reader.read(source.bytes, source.origin);
    if (reading.kind === 'unreadable') {
      return concluded(concludeWithoutReport(evidence.end, `${source.name} ${reading.problem}`));
    }
    readings.push(reading);
  }
  return { kind: 'read', readings };
}

function interpretReport(evidence: CheckEvidence, reader: ReportReader<ReadReport>): Interpretation {
  const read = readSources(evidence, reader);
  if (read.kind === 'concluded') return read.interpretation;
  // No spread: a report may hold more outcomes than a call may have arguments.
  const raws = read.readings.flatMap((reading) => reading.outcomes);
  const unnamed = read.readings.flatMap((reading) => (reading.unnamed === null ? [] : [reading.unnamed]));
  const doubt = read.readings.find((reading) => reading.doubt !== null)?.doubt ?? null;
  return concludeCounted(evidence, { counts: countsOf(raws, unnamed), tests: nameOutcomes(raws), doubt });
}

/** The format of a test runner: a reader, and the rules of `conclude.ts`. */
export function reportFormat(reader: ReportReader<ReadReport>): CheckFormat {
  return { id: reader.id, interpret: (evidence) => interpretReport(evidence, reader) };
}
