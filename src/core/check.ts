/** A check is something executable that yields a conclusion and findings. */
import type { CoveredLines, Measured, Ratchet } from './measure.ts';

/**
 * `success`: ran, counted something, all green. `failure`: ran and is red. `timed_out`: did not end in time.
 * `inconclusive`: report and exit code disagree, no report, or a report that counted nothing; never a pass.
 * `unrunnable`: the command could not be started (missing program, broken environment); never a pass.
 */
export type Conclusion = 'success' | 'failure' | 'timed_out' | 'inconclusive' | 'unrunnable';

/** Formats in which test runners say what every test did. */
export const TEST_REPORT_FORMATS = [
  'junit',
  'tap',
  'ctrf',
  'jest-json',
  'mocha-json',
  'playwright-json',
  'go-test-json',
  'dart-json',
  'rspec-json',
  'trx',
  'nunit',
  'xunit',
] as const;

/** Formats in which analysers say what they found. */
export const FINDING_REPORT_FORMATS = [
  'sarif',
  'checkstyle',
  'eslint-json',
  'stylelint-json',
  'ruff-json',
  'golangci-json',
  'semgrep-json',
  'trivy-json',
  'npm-audit',
  'lint-text',
] as const;

/** Formats that measure something: they name no test, and the command says whether it is green. */
export const MEASURE_REPORT_FORMATS = ['lcov', 'cobertura', 'number'] as const;

/** Machine formats a check can report in. `exit-code` counts the command itself as one, and is labelled so. */
export type ReportFormat =
  | (typeof TEST_REPORT_FORMATS)[number]
  | (typeof FINDING_REPORT_FORMATS)[number]
  | (typeof MEASURE_REPORT_FORMATS)[number]
  | 'exit-code';

/** Their reports name nothing that could be compared with the base. */
export const NAMELESS_REPORT_FORMATS: ReadonlySet<ReportFormat> = new Set([...MEASURE_REPORT_FORMATS, 'exit-code']);

export const REPORT_FORMATS: readonly ReportFormat[] = [
  ...TEST_REPORT_FORMATS,
  ...FINDING_REPORT_FORMATS,
  ...MEASURE_REPORT_FORMATS,
  'exit-code',
];

export interface CheckSpec {
  readonly id: string;
  /** A shell command line, from the policy or the command line of a person; never from the agent. */
  readonly run: string;
  readonly report: ReportFormat;
  /** Path of the report, relative to the repository; null means standard output. May be a glob, except for tap. */
  readonly reportFile: string | null;
  readonly timeoutMs: number;
  /** Present where it may reach the hosts of the policy's `network.allow`. */
  readonly network?: true;
  /** How often it runs on the base, 1 to 10. Absent: see repetition.ts. */
  readonly repeat?: number;
  /** Which way what it measures may not move; for formats that measure. */
  readonly ratchet?: Ratchet;
  /** Globs of the files it rests on, which the agent never sees; present where the check is held back from it. */
  readonly hidden?: readonly string[];
}

export type TestStatus = 'passed' | 'failed' | 'skipped';

/** One executed test. `id` is stable across runs: suite path and name, never a position. */
export interface TestOutcome {
  readonly id: string;
  readonly status: TestStatus;
  /** First lines of the failure, bounded. */
  readonly message?: string;
  /**
   * Present where this is what an analyser found: an error is `failed`, a warning `skipped`. Only findings are listed, so
   * one that is gone was fixed; it does not narrow a suite.
   */
  readonly finding?: true;
}

/** What a check plugin reads out of a finished process. Pure data; `tests` is empty for `exit-code`. */
export interface Interpretation {
  readonly conclusion: Conclusion;
  /** How many tests (or, for exit-code, commands) were really executed. Zero is never a success. */
  readonly counted: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tests: readonly TestOutcome[];
  /** One sentence a person understands: why this conclusion. */
  readonly summary: string;
  /** Present where the report shows failures and could not prove success without them either. */
  readonly doubted?: true;
  /** Present for formats that measure. */
  readonly measured?: Measured;
  /** What of the code was run through; for coverage. */
  readonly lines?: CoveredLines;
}

/** How the tests of a check moved against the untouched base. Only tests with an identity can move. */
export interface TestComparison {
  readonly newlyFailing: readonly string[];
  readonly fixed: readonly string[];
  /** Ran on the base (passed or failed), absent now. */
  readonly missing: readonly string[];
  /** Passed or failed on the base, skipped now. */
  readonly newlySkipped: readonly string[];
}

/** A failure as the next prompt and the report show it. */
export interface FailureNote {
  readonly test: string;
  readonly message: string;
}

/** What the log keeps of a check that ran. Lists are bounded by `MAX_LISTED`; the whole is in the blob. */
export interface CheckResult extends TestComparison {
  readonly checkId: string;
  readonly report: ReportFormat;
  readonly conclusion: Conclusion;
  readonly counted: number;
  readonly failed: number;
  readonly skipped: number;
  readonly summary: string;
  readonly failures: readonly FailureNote[];
  /** Ids of failing tests, or the check id itself for `exit-code`; sorted, bounded. Basis of the fingerprint. */
  readonly failing: readonly string[];
  readonly exitCode: number | null;
  readonly wallTimeMs: number;
  /** Blob of the bounded raw output. */
  readonly output: string;
  /** Blob of the JSON array of `TestOutcome`; null where the format has no identities. */
  readonly tests: string | null;
  /** How often it ran for this result; absent: once. */
  readonly repeats?: number;
  /**
   * On the base: ids whose outcome was not the same every time, the check's own where it has no identities. On the change:
   * those of them that failed. They are in none of the other lists.
   */
  readonly flaky?: readonly string[];
  /** What was red on the base, passed once on the change, and did not pass again. */
  readonly passedOnce?: readonly string[];
  /** See `Interpretation.doubted`. */
  readonly doubted?: true;
  readonly measured?: Measured;
  /** The agent is told that it is red and nothing else. */
  readonly heldBack?: true;
}

/** All that an agent is told of a check that is held back from it. */
export const HELD_BACK_IS_RED = 'a held-back check is red';

/** Ceiling of every list in a `CheckResult`. */
export const MAX_LISTED = 200;

const NOTHING_MOVED: TestComparison = { newlyFailing: [], fixed: [], missing: [], newlySkipped: [] };

/**
 * Compares two executions test by test. A test that ran on the base and is gone or skipped now has narrowed the
 * suite; exit codes accept every such cheat, identities do not.
 */
export function compareTests(base: readonly TestOutcome[] | null, now: readonly TestOutcome[]): TestComparison {
  if (base === null) return NOTHING_MOVED;
  const before = new Map(base.map((test) => [test.id, test.status]));
  const findings = new Set(base.filter((test) => test.finding === true).map((test) => test.id));
  const after = new Map(now.map((test) => [test.id, test.status]));
  const newlyFailing: string[] = [];
  const fixed: string[] = [];
  const missing: string[] = [];
  const newlySkipped: string[] = [];
  for (const [id, status] of before) {
    const current = after.get(id);
    if (status === 'skipped') {
      if (current === 'failed') newlyFailing.push(id);
    } else if (current === undefined) {
      (findings.has(id) ? fixed : missing).push(id);
    } else if (current === 'skipped') {
      newlySkipped.push(id);
    } else if (status === 'passed' && current === 'failed') {
      newlyFailing.push(id);
    } else if (status === 'failed' && current === 'passed') {
      fixed.push(id);
    }
  }
  for (const [id, status] of after) {
    if (status === 'failed' && !before.has(id)) newlyFailing.push(id);
  }
  return { newlyFailing, fixed, missing, newlySkipped };
}
