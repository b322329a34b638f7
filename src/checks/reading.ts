/** What a reader makes of one report, before anything is concluded from it. */
import type { TestStatus } from '../core/check.ts';

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

export interface ReportReader {
  readonly id: 'junit' | 'tap';
  /** As people call it: "JUnit report". */
  readonly label: string;
  /** Pure and total: whatever the bytes are, a reading comes back. */
  read(bytes: Uint8Array, origin: ReportOrigin): Reading;
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
