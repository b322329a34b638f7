/**
 * From the report of an analyser to an interpretation.
 *
 * An error is red, a warning is not. What was examined and has no error counts as one, and so does every error; so a check
 * that found nothing passes only when its report says what it looked at. A report that lists nothing but findings can turn
 * a check red and never green.
 */
import type { Interpretation, TestOutcome } from '../core/check.ts';
import type { CheckEvidence, CheckFormat } from '../ports/check.ts';
import { describeEnd, plural } from './conclude.ts';
import { headOf } from './excerpt.ts';
import { nameOutcomes } from './identity.ts';
import { readSources } from './interpret-report.ts';
import { placeless } from './reading.ts';
import type { RawFinding, ReadFindings, ReportReader } from './reading.ts';

export interface FindingsReader extends ReportReader<ReadFindings> {
  /** What `examined` counts, in the singular: file, package, target. */
  readonly noun: string;
}

interface Found {
  readonly tests: readonly TestOutcome[];
  readonly errors: number;
  readonly warnings: number;
  readonly examined: number | null;
  /** Things examined with an error in them. */
  readonly redUnits: number;
  readonly doubt: string | null;
}

/** A rule can be a whole sentence where an analyser has none. */
const NAMED_CHARS = 160;

function outcomeOf(finding: RawFinding): Parameters<typeof nameOutcomes>[0][number] {
  const status = finding.level === 'error' ? 'failed' : 'skipped';
  return { path: [placeless(finding.unit), finding.rule], status, message: headOf(finding.message) };
}

function total(readings: readonly ReadFindings[]): number | null {
  let sum = 0;
  for (const { examined } of readings) {
    // One report that does not say leaves open what the whole check looked at.
    if (examined === null) return null;
    sum += examined;
  }
  return sum;
}

function summed(readings: readonly ReadFindings[]): Found {
  const findings = readings.flatMap((reading) => reading.findings);
  const errors = findings.filter((finding) => finding.level === 'error');
  return {
    tests: nameOutcomes(findings.map(outcomeOf)).map((test) => ({ ...test, finding: true })),
    errors: errors.length,
    warnings: findings.length - errors.length,
    examined: total(readings),
    redUnits: new Set(errors.map((finding) => finding.unit)).size,
    doubt: readings.find((reading) => reading.doubt !== null)?.doubt ?? null,
  };
}

function extent(found: Found, noun: string): string {
  const warned = found.warnings === 0 ? '' : ` (and ${plural(found.warnings, 'warning')})`;
  const within = found.examined === null || found.examined === 0 ? '' : ` in ${plural(found.examined, noun)}`;
  return `${plural(found.errors, 'error')}${within}${warned}`;
}

function redSummary(found: Found, noun: string, { end }: CheckEvidence): string {
  const named = (found.tests.find((test) => test.status === 'failed')?.id ?? '').slice(0, NAMED_CHARS);
  const contradicted = end.kind === 'exited' && end.code === 0 ? '; the command exited with 0 all the same' : '';
  const also = found.doubt === null ? '' : `; also, ${found.doubt}`;
  return `${extent(found, noun)}${contradicted}, first: ${named}${also}.`.toWellFormed();
}

/** Why a report without an error is no success all the same, or null. */
function objection(found: Found, noun: string, { end }: CheckEvidence): string | null {
  const has = `The report has ${extent(found, noun)}`;
  if (found.examined === null) return `${has}, but does not say what was examined; ${describeEnd(end)}.`;
  if (found.examined === 0) return `The report says that no ${noun} was examined; ${describeEnd(end)}.`;
  if (found.doubt !== null) return `${has}, but ${found.doubt}; ${describeEnd(end)}.`;
  if (end.kind !== 'exited' || end.code !== 0) return `${has}, but the command disagrees: ${describeEnd(end)}.`;
  return null;
}

function concludeFindings(evidence: CheckEvidence, found: Found, noun: string): Interpretation {
  const clean = Math.max((found.examined ?? 0) - found.redUnits, 0);
  const base = { counted: clean + found.errors, failed: found.errors, skipped: found.warnings, tests: found.tests };
  if (found.errors > 0) {
    const unproven = found.doubt !== null || found.examined === null || found.examined === 0;
    const summary = redSummary(found, noun, evidence);
    return { ...base, conclusion: 'failure', summary, ...(unproven ? { doubted: true } : {}) };
  }
  const objected = objection(found, noun, evidence);
  if (objected !== null) return { ...base, conclusion: 'inconclusive', summary: objected };
  return { ...base, conclusion: 'success', summary: `${extent(found, noun)}.` };
}

/** The format of an analyser: a reader, and the rules above. */
export function findingsFormat(reader: FindingsReader): CheckFormat {
  return {
    id: reader.id,
    interpret(evidence) {
      const read = readSources(evidence, reader);
      if (read.kind === 'concluded') return read.interpretation;
      return concludeFindings(evidence, summed(read.readings), reader.noun);
    },
  };
}
