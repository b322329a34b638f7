/** One execution of a check: a fresh checkout, a fresh sandbox, an interpretation, a comparison with the base. */
import { MAX_LISTED, compareTests } from '../core/check.ts';
import type { CheckResult, CheckSpec, Interpretation, TestOutcome } from '../core/check.ts';
import type { ResourceLimits } from '../core/resource.ts';
import type { CheckEvidence } from '../ports/check.ts';
import type { EgressAccess } from '../ports/egress.ts';
import type { FinishedProcess } from '../ports/sandbox.ts';
import type { Checkout } from '../ports/workspace.ts';
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

async function baselineTests(deps: EngineDependencies, baseline: CheckResult | null): Promise<TestOutcome[] | null> {
  if (baseline === null || baseline.tests === null) return null;
  const bytes = await deps.store.getBlob(baseline.tests);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as TestOutcome[];
}

async function testsBlob(
  deps: EngineDependencies,
  interpretation: Interpretation,
  spec: CheckSpec,
): Promise<string | null> {
  if (spec.report === 'exit-code') return null;
  return deps.store.putBlob(Buffer.from(JSON.stringify(interpretation.tests), 'utf8'));
}

/** Runs the check. Rejects only for operational failures; whatever the check does is in the result. */
export async function runCheck(deps: EngineDependencies, run: CheckRun): Promise<CheckResult> {
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
  const before = await baselineTests(deps, run.baseline);
  const moved = compareTests(before, interpretation.tests);
  const failures = deps.failures(interpretation, evidence);
  return {
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
    tests: await testsBlob(deps, interpretation, spec),
  };
}
