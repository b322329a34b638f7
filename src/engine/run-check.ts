/** One execution of a check: a fresh checkout, a fresh sandbox, an interpretation, a comparison with the base. */
import { MAX_LISTED, NAMELESS_REPORT_FORMATS, compareTests } from '../core/check.ts';
import type { CheckResult, CheckSpec, Interpretation, TestComparison, TestOutcome } from '../core/check.ts';
import { coverageOfChange } from '../core/measure.ts';
import type { ChangedLines } from '../core/measure.ts';
import type { Execution } from '../core/repetition.ts';
import type { ResourceLimits } from '../core/resource.ts';
import type { CheckEvidence } from '../ports/check.ts';
import type { EgressAccess } from '../ports/egress.ts';
import type { FinishedProcess } from '../ports/sandbox.ts';
import type { Checkout, CheckSight } from '../ports/workspace.ts';
import { checkCommand, readArtefacts } from './artefacts.ts';
import type { EngineDependencies } from './dependencies.ts';
import { shownFiles } from './shown-files.ts';

/** Output of a check beyond this ends it; TAP on standard output of very large suites stays well below. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** What is kept of each stream for interpretation. */
const KEEP_BYTES = 32 * 1024 * 1024;
/** What is kept of both streams in the record. */
const RECORD_BYTES = 256 * 1024;

export interface CheckRun {
  readonly spec: CheckSpec;
  readonly checkout: Checkout;
  readonly environment: Readonly<Record<string, string>>;
  /** Values of secrets by variable, for this check alone. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The way to hosts, for a check that has one. */
  readonly way?: EgressAccess;
  /** Absent in logs of runs from before there were any. */
  readonly resources?: ResourceLimits | undefined;
  /** The same check's result on the base; null while the base itself is being measured. */
  readonly baseline: CheckResult | null;
  /** The lines of the change, for a check that measures coverage. */
  readonly changed?: ChangedLines;
  readonly signal: AbortSignal;
}

function head(bytes: Uint8Array, max: number): Uint8Array {
  if (bytes.length <= max) return bytes;
  const half = Math.floor(max / 2);
  const cut = new TextEncoder().encode(`\n[... ${bytes.length - 2 * half} bytes left out ...]\n`);
  return Buffer.concat([bytes.subarray(0, half), cut, bytes.subarray(bytes.length - half)]);
}

function recordedOutput(finished: FinishedProcess): Uint8Array {
  const label = new TextEncoder().encode('\n--- standard error ---\n');
  const stderr = finished.stderr.length === 0 ? [] : [label, head(finished.stderr, RECORD_BYTES / 2)];
  return Buffer.concat([head(finished.stdout, RECORD_BYTES / 2), ...stderr]);
}

/** What of the tree a check may see. */
export function sightOf({ hidden }: CheckSpec): CheckSight {
  return hidden === undefined ? 'open' : 'held-back';
}

export async function readTests(deps: EngineDependencies, result: CheckResult | null): Promise<TestOutcome[] | null> {
  if (result === null || result.tests === null) return null;
  const bytes = await deps.store.getBlob(result.tests);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as TestOutcome[];
}

export async function keepTests(deps: EngineDependencies, tests: readonly TestOutcome[]): Promise<string> {
  return deps.store.putBlob(Buffer.from(JSON.stringify(tests), 'utf8'));
}

/** Against the base, where known flaky tests move nothing. */
async function moves(
  deps: EngineDependencies,
  tests: readonly TestOutcome[],
  baseline: CheckResult | null,
): Promise<TestComparison> {
  const flaky = new Set(baseline?.flaky);
  const steady = (all: readonly TestOutcome[]): readonly TestOutcome[] => all.filter(({ id }) => !flaky.has(id));
  const before = await readTests(deps, baseline);
  return compareTests(before === null ? null : steady(before), steady(tests));
}

function measuredOf({ spec, changed }: CheckRun, read: Interpretation): Pick<CheckResult, 'measured'> {
  if (read.measured === undefined) return {};
  return {
    measured: {
      ...read.measured,
      ...(spec.ratchet === undefined ? {} : { ratchet: spec.ratchet }),
      ...(read.lines === undefined || changed === undefined
        ? {}
        : { changedLines: coverageOfChange(read.lines, changed) }),
    },
  };
}

/** Runs the check. Rejects only for operational failures; whatever the check does is in the result. */
export async function runCheck(deps: EngineDependencies, run: CheckRun): Promise<Execution> {
  const { spec, checkout } = run;
  const finished = await deps.sandbox.launch(
    {
      argv: checkCommand(spec),
      cwd: checkout.workspacePath,
      env: { ...run.environment, ...run.way?.env, ...run.secrets },
      mounts: [...checkout.mounts, ...shownFiles(run.way?.files ?? {})],
      forwards: run.way?.forwards ?? [],
      stdin: null,
      limits: {
        wallTimeMs: spec.timeoutMs,
        idleMs: 'unlimited',
        outputBytes: MAX_OUTPUT_BYTES,
        keepBytes: KEEP_BYTES,
        ...(run.resources === undefined ? {} : { resources: run.resources }),
      },
    },
    run.signal,
  ).finished;
  const evidence: CheckEvidence = {
    spec,
    end: finished.end,
    stdout: finished.stdout,
    stderr: finished.stderr,
    stdoutTruncated: finished.stdoutBytes > KEEP_BYTES,
    artefacts: await readArtefacts(deps.sandbox, spec, checkout, run.signal),
  };
  const format = await deps.checkFormat(spec.report);
  const interpretation = format.interpret(evidence);
  const { tests } = interpretation;
  const moved = await moves(deps, tests, run.baseline);
  const failures = deps.failures(interpretation, evidence);
  const result: CheckResult = {
    checkId: spec.id,
    report: spec.report,
    conclusion: interpretation.conclusion,
    counted: interpretation.counted,
    failed: interpretation.failed,
    skipped: interpretation.skipped,
    // Summaries stand inside longer sentences from here on.
    summary: interpretation.summary.replace(/\.$/, ''),
    newlyFailing: moved.newlyFailing.slice(0, MAX_LISTED),
    fixed: moved.fixed.slice(0, MAX_LISTED),
    missing: moved.missing.slice(0, MAX_LISTED),
    newlySkipped: moved.newlySkipped.slice(0, MAX_LISTED),
    failures: failures.notes,
    failing: failures.failing,
    exitCode: finished.end.kind === 'exited' ? finished.end.code : null,
    wallTimeMs: finished.wallTimeMs,
    output: await deps.store.putBlob(recordedOutput(finished)),
    tests: NAMELESS_REPORT_FORMATS.has(spec.report) ? null : await keepTests(deps, tests),
    ...(interpretation.doubted === true ? { doubted: true } : {}),
    ...measuredOf(run, interpretation),
    ...(spec.hidden === undefined ? {} : { heldBack: true }),
  };
  return { result, tests };
}
