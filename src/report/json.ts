/** The report as data: the summary of the run and the evidence behind it. */
import type { CheckResult } from '../core/check.ts';
import type { Verdict } from '../core/verdict.ts';
import type { WeighedClaim } from '../core/landing/weigh-claim.ts';
import type { Headline } from './headline.ts';
import type { IterationEvidence, LimitEvidence, ReportModel } from './report.ts';
import type { RunSummaryJson } from './summary.ts';

/** Grows when a field changes its meaning or goes away; new fields do not count. */
export const REPORT_VERSION = 1;

export interface CheckEvidenceJson {
  readonly id: string;
  readonly run: string;
  readonly base: CheckResult | null;
  readonly change: CheckResult | null;
  readonly stillFailing: readonly string[];
}

export interface ReportJson {
  readonly reportVersion: typeof REPORT_VERSION;
  readonly summary: RunSummaryJson;
  readonly headline: Headline;
  readonly evidence: {
    /** Iteration whose change was checked; null when only the base was. */
    readonly judged: number | null;
    readonly baselineVerdict: Verdict | null;
    readonly checks: readonly CheckEvidenceJson[];
    readonly change: ReportModel['change'];
    /** Where each part of the change comes from. */
    readonly why: ReportModel['why'];
    readonly iterations: readonly IterationEvidence[];
    readonly limits: readonly LimitEvidence[];
    readonly sandbox: ReportModel['sandbox'];
    /** Attempts to reach hosts, through the egress proxy. */
    readonly egress: ReportModel['egress'];
    readonly undo: ReportModel['undo'];
    /** What the agent said. Never evidence; here so that it can be held against the rest. */
    readonly claims: readonly WeighedClaim[];
  };
  readonly policy: ReportModel['policy'];
  readonly record: ReportModel['record'];
}

export function renderJson(model: ReportModel): ReportJson {
  const { summary, headline, judged, baselineVerdict, change, why, iterations, limits, sandbox, egress, undo, claims } =
    model;
  const checks = model.checks.map(({ spec, base, change: onChange, stillFailing }) => ({
    id: spec.id,
    run: spec.run,
    base,
    change: onChange,
    stillFailing,
  }));
  return {
    reportVersion: REPORT_VERSION,
    summary,
    headline,
    evidence: { judged, baselineVerdict, checks, change, why, iterations, limits, sandbox, egress, undo, claims },
    policy: model.policy,
    record: model.record,
  };
}
