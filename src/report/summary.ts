/** One run as one JSON object: `show RUN --json`. A projection of the state alone; field order is part of the contract. */
import type { FoundAgent } from '../core/agent-event.ts';
import { missingApprovals, missingWords } from '../core/approval.ts';
import type { KnownDecision } from '../core/approval.ts';
import type { Carried } from '../core/carried.ts';
import type { CheckResult, Conclusion, ReportFormat } from '../core/check.ts';
import type { Measured } from '../core/measure.ts';
import { reviewOf } from '../core/landing/review.ts';
import type { ReviewCost } from '../core/landing/review.ts';
import type { Finding } from '../core/finding.ts';
import type { HeldQuestion, RefusedUse } from '../core/fold-permission.ts';
import type { Freeze } from '../core/freeze.ts';
import type { CloudState } from '../core/fold-cloud.ts';
import type { LimitBreach, Limits, Usage } from '../core/limit.ts';
import { ownersOf } from '../core/owner.ts';
import { NOT_PUBLISHED } from '../core/fold-publish.ts';
import type { Publication } from '../core/fold-publish.ts';
import type { QuotaWait } from '../core/model-event.ts';
import { usdOf } from '../core/spend.ts';
import { newestChange, outcomeOf, statusOf } from '../core/state.ts';
import type { ClaimedUsage, Iteration, Landing, Outcome, RunState, RunStatus, Undone } from '../core/state.ts';
import type { StopReason } from '../core/stop-reason.ts';
import { runBranch } from '../core/undo-plan.ts';
import type { UndoStep } from '../core/undo-plan.ts';
import { undoStanding } from '../core/undo-standing.ts';
import type { UndoStanding } from '../core/undo-standing.ts';
import { plannedUndoSteps, undoStepsNow } from '../core/undo-steps.ts';

interface CheckSummary {
  readonly id: string;
  readonly conclusion: Conclusion;
  /** Tests executed; with `report: exit-code` the command itself counts as one and no test is known. */
  readonly counted: number;
  readonly failed: number;
  readonly newlyFailing: readonly string[];
  readonly fixed: readonly string[];
  readonly missing: readonly string[];
  readonly newlySkipped: readonly string[];
  /** Known from the base: what they do is not held against the change, unless making them steady is the task. */
  readonly flaky: readonly string[];
  /** Red on the base, green once on the change, and not again. */
  readonly passedOnce: readonly string[];
  /** How often it ran for this result. */
  readonly repeats: number;
  /** For formats that measure; with coverage, of the changed lines too. null for every other. */
  readonly measured: Measured | null;
  readonly report: ReportFormat;
  readonly summary: string;
}

interface FindingSummary extends Finding {
  readonly iteration: number;
}

interface CheckpointSummary {
  readonly iteration: number;
  readonly ref: string;
  readonly commit: string;
  readonly diffHash: string;
  readonly changedFiles: number;
  readonly addedLines: number;
  readonly removedLines: number;
}

/** What a run that is not over waits for; `commands` are what a person can type. */
interface WaitSummary {
  readonly zones: readonly string[];
  readonly reasons: readonly string[];
  readonly diffHash: string;
  readonly iteration: number;
  /** Since when; milliseconds since 1970 UTC. */
  readonly since: number | null;
  /** What is still missing, in words. */
  readonly missing: readonly string[];
  readonly commands: readonly string[];
}

interface PermissionSummary {
  readonly asked: number;
  readonly allowed: number;
  readonly denied: number;
  readonly held: number;
  /** Held for a person: those with `decision` null wait. `input` is a blob: `log RUN --blob`. */
  readonly questions: readonly HeldQuestion[];
  /** The newest ones that were denied without a person. */
  readonly refused: readonly RefusedUse[];
}

/** As metered; money in US dollars. */
export type UsageJson = Omit<Usage, 'costNanoUsd'> & { readonly costUsd: number };

export interface RunSummaryJson {
  readonly id: string;
  /** The goal, as it was given. */
  readonly task: string;
  readonly class: string;
  readonly agent: string;
  /** What was executed as the agent, by its contents; empty where it is no program of this machine, or did not run yet. */
  readonly programs: readonly FoundAgent[];
  readonly status: RunStatus;
  readonly stopReason: StopReason | null;
  readonly outcome: Outcome;
  readonly policyHash: string;
  /** Commit. */
  readonly base: string;
  /** Commit of the newest change, once it has landed the commit that did; null before the first one. */
  readonly head: string | null;
  /** Where `land` puts the result, or where it landed. */
  readonly branch: string;
  /** How many were begun. */
  readonly iterations: number;
  readonly usage: UsageJson;
  /** The ceilings of the policy. What was used of them is in `usage` and `iterations`. */
  readonly limits: Limits;
  readonly limitsReached: readonly LimitBreach[];
  /** What the newest change costs to review, by an estimate that was not calibrated; null before the first one. */
  readonly review: ReviewCost | null;
  /** What the agent says its own login used; never part of `usage`. null where everything was metered here. */
  readonly claimedUsage: ClaimedUsage | null;
  /** Where an agent in a vendor's cloud worked and what its vendor says; null for one in the sandbox. */
  readonly cloud: CloudState | null;
  /** A vendor turns calls away; the run waits for it. `until` is milliseconds since 1970 UTC, null where nobody said. */
  readonly quota: QuotaWait | null;
  /** Of the newest judged iteration; of the untouched base before the first one. Which of them: `checksOf`. */
  readonly checks: readonly CheckSummary[];
  /** Iteration 0 is the base. */
  readonly checksOf: { readonly iteration: number; readonly commit: string };
  readonly findings: readonly FindingSummary[];
  /** What the newest turn was told of the iterations before it, each with its source; null where nothing. */
  readonly carried: (Carried & { readonly iteration: number }) | null;
  readonly approvals: readonly KnownDecision[];
  readonly undo: {
    /** True only when the rehearsal was done and worked. */
    readonly rehearsed: boolean;
    readonly steps: readonly UndoStep[];
    readonly evidence: string | null;
    readonly undone: Undone | null;
    /** Where here and the forge do not say the same after an undo or a redo; null where they do. */
    readonly standing: UndoStanding | null;
    /** The steps that hold as things stand, for a person without loopwright. */
    readonly now: readonly UndoStep[];
  };
  readonly sandbox: { readonly id: string; readonly confines: boolean; readonly gaps: readonly string[] };
  readonly operator: string;
  /** Who answers for it; several names are joined by `, `. */
  readonly owner: string | null;
  readonly unattended: boolean;
  readonly repository: string;
  readonly baseName: string;
  /** The values that decided how the run ended. */
  readonly detail: string | null;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly stoppedAt: number | null;
  readonly waitingFor: WaitSummary | null;
  /** What a person froze of the paths the run may change, as far as it met it. */
  readonly frozen: readonly Freeze[];
  /** What the agent asked before it acted. */
  readonly permissions: PermissionSummary;
  /** What of the policy nothing enforces for this agent, in words. */
  readonly unenforced: readonly string[];
  readonly checkpoints: readonly CheckpointSummary[];
  readonly landing: Landing | null;
  /** Where the change is on a forge; null where nothing of it was ever meant to be there. */
  readonly publication: Publication | null;
  readonly loopwright: string;
}

function checkSummary(result: CheckResult, baseline: readonly CheckResult[]): CheckSummary {
  const { checkId: id, conclusion, counted, failed, newlyFailing, fixed, missing, newlySkipped, report } = result;
  const { summary, passedOnce = [], repeats = 1, measured = null } = result;
  const { flaky = [] } = baseline.find(({ checkId }) => checkId === id) ?? {};
  const moved = { newlyFailing, fixed, missing, newlySkipped, flaky, passedOnce };
  return { id, conclusion, counted, failed, ...moved, repeats, measured, report, summary };
}

/** The newest iteration that has a verdict: what the run is judged by at this moment. */
export function newestJudged(state: RunState): Iteration | null {
  return state.iterations.findLast((iteration) => iteration.verdict !== null) ?? null;
}

function checkpointSummaries(state: RunState): readonly CheckpointSummary[] {
  return state.iterations.flatMap(({ number, change, checkpointRef }) =>
    change === null || checkpointRef === null
      ? []
      : [
          {
            iteration: number,
            ref: checkpointRef,
            commit: change.checkpoint,
            diffHash: change.diffHash,
            changedFiles: change.fileCount,
            addedLines: change.addedLines,
            removedLines: change.removedLines,
          },
        ],
  );
}

function waitSummary(state: RunState): WaitSummary | null {
  const request = state.approvalRequest;
  if (request === null || statusOf(state) !== 'waiting') return null;
  const { zones, reasons, diffHash, iteration } = request;
  const commands = approvalCommands(state.runId);
  const missing = missingApprovals(request, state, state.approvals).map(missingWords);
  return { zones, reasons, diffHash, iteration, since: state.review?.since ?? null, missing, commands };
}

/** What a person can type at a run that waits: look, say yes, say no. */
export function approvalCommands(runId: string): readonly string[] {
  return [
    `loopwright diff ${runId}`,
    `loopwright approve ${runId}`,
    `loopwright reject ${runId} "what has to be different"`,
  ];
}

/** What a person can type at a question of the agent: look, say yes, say no. `digest`: of the question, or its start. */
export function answerCommands(runId: string, digest: string): readonly string[] {
  return [
    `loopwright answer ${runId}`,
    `loopwright answer ${runId} allow --question ${digest}`,
    `loopwright answer ${runId} deny "why not" --question ${digest}`,
  ];
}

/** Written out, so that the order of the fields does not depend on the order of the events. */
function usageSummary(usage: Usage): UsageJson {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    costUsd: usdOf(usage.costNanoUsd),
    modelCalls: usage.modelCalls,
    wallTimeMs: usage.wallTimeMs,
    outputBytes: usage.outputBytes,
    changedFiles: usage.changedFiles,
    addedLines: usage.addedLines,
    removedLines: usage.removedLines,
  };
}

function findingSummaries(state: RunState): readonly FindingSummary[] {
  return state.iterations.flatMap(({ number: iteration, findings }) =>
    findings.map(({ detector, severity, message, location }) => ({ detector, severity, message, location, iteration })),
  );
}

function carriedSummary({ iterations }: RunState): RunSummaryJson['carried'] {
  const newest = iterations.at(-1);
  return newest?.carried === undefined ? null : { iteration: newest.number, ...newest.carried };
}

function permissionSummary({ permissions }: RunState): PermissionSummary {
  const { asked, answered, held, refused } = permissions;
  return {
    asked,
    allowed: answered.allow,
    denied: answered.deny,
    held: answered.hold,
    questions: held.map(({ digest, iteration, tool, use, input, rule, reason, decision }) => ({
      digest,
      iteration,
      tool,
      use,
      input,
      rule,
      reason,
      decision,
    })),
    refused,
  };
}

function undoSummary(state: RunState): RunSummaryJson['undo'] {
  // A plan of an older change (rejected, then changed again) says nothing about the newest one.
  const current = state.undo?.plan.head === newestChange(state)?.checkpoint ? state.undo : null;
  const rehearsal = current?.rehearsal ?? null;
  return {
    rehearsed: rehearsal !== null && rehearsal.worked,
    steps: plannedUndoSteps(state),
    evidence: rehearsal === null ? null : rehearsal.evidence,
    undone: state.undone,
    standing: undoStanding(state),
    now: undoStepsNow(state),
  };
}

function checksSummary(state: RunState): Pick<RunSummaryJson, 'checks' | 'checksOf'> {
  const judged = newestJudged(state);
  const checks = judged === null ? state.baseline : judged.checks;
  return {
    checks: checks.map((result) => checkSummary(result, state.baseline)),
    checksOf: { iteration: judged?.number ?? 0, commit: judged?.change?.checkpoint ?? state.base.commit },
  };
}

function branchOf(state: RunState): string {
  return state.landing?.branch ?? state.undo?.plan.branch ?? runBranch(state.runId);
}

export function summarise(state: RunState): RunSummaryJson {
  return {
    id: state.runId,
    task: state.task.goal,
    class: state.policy.class.name,
    agent: state.policy.agent.driver,
    programs: state.programs,
    status: statusOf(state),
    stopReason: state.stop?.reason ?? null,
    outcome: outcomeOf(state),
    policyHash: state.policyHash,
    base: state.base.commit,
    head: state.landing?.commit ?? newestChange(state)?.checkpoint ?? null,
    branch: branchOf(state),
    iterations: state.iterations.length,
    usage: usageSummary(state.usage),
    limits: state.limits,
    limitsReached: state.limitsReached,
    review: reviewOf(state),
    claimedUsage: state.claimedUsage,
    cloud: state.cloud,
    quota: state.quota,
    ...checksSummary(state),
    findings: findingSummaries(state),
    carried: carriedSummary(state),
    approvals: state.approvals,
    undo: undoSummary(state),
    sandbox: { id: state.sandbox.id, confines: state.sandbox.confines, gaps: state.sandbox.gaps },
    operator: state.operator,
    owner: ownersOf(state).length === 0 ? null : ownersOf(state).join(', '),
    unattended: state.unattended,
    repository: state.task.repository,
    baseName: state.base.name,
    detail: state.stop?.detail ?? null,
    startedAt: state.startedAt,
    stoppedAt: state.stop?.at ?? null,
    waitingFor: waitSummary(state),
    frozen: state.frozen,
    permissions: permissionSummary(state),
    unenforced: state.unenforced,
    checkpoints: checkpointSummaries(state),
    landing: state.landing,
    publication: state.publication === NOT_PUBLISHED ? null : state.publication,
    loopwright: state.loopwright,
  };
}
