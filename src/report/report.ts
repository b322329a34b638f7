/** What a report says, as data: a projection of the state of a run and of the payloads its events name. */
import type { KnownDecision } from '../core/approval.ts';
import type { Carried } from '../core/carried.ts';
import type { Change } from '../core/change.ts';
import type { CheckResult, CheckSpec } from '../core/check.ts';
import type { EgressUse } from '../core/egress-event.ts';
import type { AgentClaim, SandboxReport } from '../core/event.ts';
import { claimEvidenceOf } from '../core/landing/claim-evidence.ts';
import { readClaims } from '../core/landing/claim-reader.ts';
import type { ReadSentence } from '../core/landing/claim-reader.ts';
import { weighClaim } from '../core/landing/weigh-claim.ts';
import type { WeighedClaim } from '../core/landing/weigh-claim.ts';
import { reviewOf } from '../core/landing/review.ts';
import type { ReviewCost } from '../core/landing/review.ts';
import type { Ceiling, LimitName, Usage } from '../core/limit.ts';
import { LIMIT_NAMES } from '../core/limit.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { CloudState } from '../core/fold-cloud.ts';
import { newestChange } from '../core/state.ts';
import type { ClaimedUsage, Iteration, RunState } from '../core/state.ts';
import type { UndoPlan, UndoRehearsal } from '../core/undo-plan.ts';
import type { Verdict } from '../core/verdict.ts';
import { headlineOf } from './headline.ts';
import type { Headline } from './headline.ts';
import { usedOf } from './phrases.ts';
import { newestJudged, summarise } from './summary.ts';
import type { RunSummaryJson } from './summary.ts';
import { whyOf } from './why.ts';
import type { Why } from './why.ts';

/** What a report needs besides the state. */
export interface ReportSources {
  /** Text of a payload, bounded by whoever loaded it; null when it is not there. */
  readonly blob: (hash: string) => string | null;
  /** How many events the log holds. */
  readonly events: number;
  /** First event whose hash does not follow from the one before it; null when the chain holds. */
  readonly chainBrokenAt: number | null;
}

/** One check on the untouched base and on the newest judged change. */
export interface CheckEvidence {
  readonly spec: CheckSpec;
  readonly base: CheckResult | null;
  readonly change: CheckResult | null;
  /** Failing on the change and on the base alike. */
  readonly stillFailing: readonly string[];
  /** Output of the newest execution, only where it was not green. */
  readonly output: string | null;
}

export interface IterationEvidence {
  readonly number: number;
  readonly carried: Carried | null;
  readonly turn: Iteration['turn'];
  readonly change: Pick<Change, 'checkpoint' | 'fileCount' | 'addedLines' | 'removedLines'> | null;
  readonly checks: readonly CheckResult[];
  readonly verdict: Verdict | null;
}

export interface LimitEvidence {
  readonly limit: LimitName;
  readonly ceiling: Ceiling;
  /** null where nothing is summed up over the run: silence is measured within a turn. */
  readonly used: number | null;
  readonly reached: boolean;
}

export interface ReportModel {
  readonly summary: RunSummaryJson;
  readonly headline: Headline;
  readonly policy: ResolvedPolicy;
  readonly change: Change | null;
  /** Diff of `change` against the base. */
  readonly diff: string | null;
  /** Where each part of `change` comes from; null where its diff is gone. */
  readonly why: Why | null;
  /** Iteration whose change the evidence is about; null when only the base was checked. */
  readonly judged: number | null;
  readonly checks: readonly CheckEvidence[];
  readonly baselineVerdict: Verdict | null;
  readonly iterations: readonly IterationEvidence[];
  readonly limits: readonly LimitEvidence[];
  readonly usage: Usage;
  readonly claimedUsage: ClaimedUsage | null;
  readonly egress: EgressUse;
  readonly sandbox: SandboxReport;
  readonly cloud: CloudState | null;
  readonly approvals: readonly KnownDecision[];
  readonly undo: { readonly plan: UndoPlan; readonly rehearsal: UndoRehearsal | null } | null;
  readonly claims: readonly WeighedClaim[];
  /** What the agent said in the newest judged iteration, sentence by sentence. */
  readonly words: readonly ReadSentence[];
  readonly review: ReviewCost | null;
  /** Output of the agent in its newest turn. */
  readonly agentOutput: string | null;
  readonly record: { readonly events: number; readonly chainBrokenAt: number | null; readonly epoch: number };
}

function outputOf(results: readonly (CheckResult | null)[], blob: ReportSources['blob']): string | null {
  const newest = results.find((result) => result !== null);
  return newest === undefined || newest === null || newest.conclusion === 'success' ? null : blob(newest.output);
}

function checkEvidence(state: RunState, blob: ReportSources['blob']): readonly CheckEvidence[] {
  const judged = newestJudged(state);
  return state.policy.checks.map((spec) => {
    const base = state.baseline.find((result) => result.checkId === spec.id) ?? null;
    const change = judged?.checks.find((result) => result.checkId === spec.id) ?? null;
    const fresh = new Set(change?.newlyFailing);
    const stillFailing = change?.failing.filter((test) => !fresh.has(test)) ?? [];
    return { spec, base, change, stillFailing, output: outputOf([change, base], blob) };
  });
}

function limitEvidence(state: RunState): readonly LimitEvidence[] {
  return LIMIT_NAMES.map((limit) => ({
    limit,
    ceiling: state.limits[limit],
    used: usedOf(limit, state.usage, state.iterations.length),
    reached: state.limitsReached.some((breach) => breach.limit === limit),
  }));
}

function iterationEvidence({ number, turn, change, checks, verdict, ...rest }: Iteration): IterationEvidence {
  const carried = rest.carried ?? null;
  if (change === null) return { number, carried, turn, change, checks, verdict };
  const { checkpoint, fileCount, addedLines, removedLines } = change;
  return { number, carried, turn, change: { checkpoint, fileCount, addedLines, removedLines }, checks, verdict };
}

function claimsOf(iteration: Iteration): readonly WeighedClaim[] {
  const claims: readonly AgentClaim[] = iteration.turn?.claims ?? [];
  return claims.map((claim) => weighClaim(claim, iteration));
}

function wordsOf(state: RunState): readonly ReadSentence[] {
  const said = newestJudged(state)?.turn?.claims ?? [];
  const evidence = claimEvidenceOf(state);
  return said.flatMap(({ text }) => readClaims(text, evidence));
}

export function buildReport(state: RunState, sources: ReportSources): ReportModel {
  const change = newestChange(state);
  const turn = state.iterations.findLast((iteration) => iteration.turn !== null)?.turn ?? null;
  return {
    summary: summarise(state),
    headline: headlineOf(state),
    policy: state.policy,
    change,
    diff: change === null ? null : sources.blob(change.diff),
    why: change === null ? null : whyOf(state, change.iteration, sources.blob),
    judged: newestJudged(state)?.number ?? null,
    checks: checkEvidence(state, sources.blob),
    baselineVerdict: state.baselineVerdict,
    iterations: state.iterations.map(iterationEvidence),
    limits: limitEvidence(state),
    usage: state.usage,
    claimedUsage: state.claimedUsage,
    egress: state.egress,
    sandbox: state.sandbox,
    cloud: state.cloud,
    approvals: state.approvals,
    undo: state.undo?.plan.head === change?.checkpoint ? state.undo : null,
    claims: state.iterations.flatMap(claimsOf),
    words: wordsOf(state),
    review: reviewOf(state),
    agentOutput: turn === null ? null : sources.blob(turn.output),
    record: { events: sources.events, chainBrokenAt: sources.chainBrokenAt, epoch: state.epoch },
  };
}
