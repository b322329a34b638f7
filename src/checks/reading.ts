/** What a reader makes of one report, before anything is concluded from it. */
import type { ReportFormat, TestStatus } from '../core/check.ts';
import { cleanName } from './excerpt.ts';

export interface RawOutcome {
  /** Suite names from the outside in, then the name of the test. */
  readonly path: readonly string[];
  readonly status: TestStatus;
  readonly message?: string;
}

/** Counts of a report that gives numbers but names no test. */
export interface UnnamedCounts {
  /** Passed and failed. */
  readonly executed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface ReadReport {
  readonly kind: 'read';
  readonly outcomes: readonly RawOutcome[];
  readonly unnamed: UnnamedCounts | null;
  /** Why this report cannot prove success although it could be read: a plan that does not hold, a contradiction. */
  readonly doubt: string | null;
}

export interface UnreadableReport {
  readonly kind: 'unreadable';
  /** Ends a sentence that begins with the name of the report. */
  readonly problem: string;
}

export type Reading = ReadReport | UnreadableReport;

/** `stream`: standard output, where the report may stand between lines of something else. */
export type ReportOrigin = 'file' | 'stream';

/** Something an analyser complains about. */
export interface RawFinding {
  /** What it examined: a file, a package, a target. */
  readonly unit: string;
  /** The rule, or the words where there is none. With `unit` the identity: a place in the file moves too easily. */
  readonly rule: string;
  /** `warning`: everything that does not fail the analysis. */
  readonly level: 'error' | 'warning';
  /** Where and what, for people. */
  readonly message: string;
}

/** What a reader makes of the report of an analyser. */
export interface ReadFindings {
  readonly kind: 'findings';
  readonly findings: readonly RawFinding[];
  /** How many files (packages, targets) the report says were examined; null when it does not say. */
  readonly examined: number | null;
  /** See `ReadReport.doubt`. */
  readonly doubt: string | null;
}

export interface ReportReader<T> {
  readonly id: Exclude<ReportFormat, 'exit-code'>;
  /** As people call it: "JUnit report". */
  readonly label: string;
  /** Pure and total: whatever the bytes are, a reading comes back. */
  read(bytes: Uint8Array, origin: ReportOrigin): T | UnreadableReport;
}

export function unreadable(problem: string): UnreadableReport {
  return { kind: 'unreadable', problem };
}

const FILE_PATH = /^(?:file:\/\/|[\\/]|[A-Za-z]:[\\/]).*\.[A-Za-z0-9]{1,8}$/;

/**
 * A part of an identity that is an absolute path of a file is reduced to the file's name: where the checkout lies is not a
 * property of the test, and the base and the change are checked out in different places.
 */
export function placeless(part: string): string {
  if (!FILE_PATH.test(part)) return part;
  return part.slice(Math.max(part.lastIndexOf('/'), part.lastIndexOf('\\')) + 1);
}

/** `src/a.ts:3:5: text`: a place people can open, and what is wrong there. Parts that are not known (0) are left out. */
export function placed(
  place: { readonly file: string; readonly line: number; readonly column: number },
  text: string,
): string {
  const { file, line, column } = place;
  const numbers = line === 0 ? '' : column === 0 ? `:${line}` : `:${line}:${column}`;
  return `${file}${numbers}: ${text}`;
}

/** Doubts quote the report. */
function quotable(doubt: string | null): string | null {
  return doubt === null ? null : cleanName(doubt);
}

/** A report that was read, all of whose tests have names. */
export function readOutcomes(outcomes: readonly RawOutcome[], doubt: string | null): ReadReport {
  return { kind: 'read', outcomes, unnamed: null, doubt: quotable(doubt) };
}

/** What a report declares of itself and does not show: counted elsewhere, cut out, or never written. */
export function shortfall(
  outcomes: readonly RawOutcome[],
  declared: { readonly total: number; readonly failed: number },
): string | null {
  if (declared.failed > 0 && !outcomes.some((outcome) => outcome.status === 'failed')) {
    return `the report declares ${declared.failed} failed and shows none`;
  }
  if (declared.total <= outcomes.length) return null;
  return `the report declares ${declared.total} tests and shows ${outcomes.length}`;
}

/** The report of an analyser that was read. */
export function readFindings(
  findings: readonly RawFinding[],
  examined: number | null,
  doubt: string | null,
): ReadFindings {
  return { kind: 'findings', findings, examined, doubt: quotable(doubt) };
}
