/** The state of a run: what a fold of its events says. Plain, immutable data. */
import type { FoundAgent, NamedSession } from './agent-event.ts';
import type { ApprovalRequest, KnownDecision } from './approval.ts';
import type { Carried } from './carried.ts';
import type { Change } from './change.ts';
import type { CheckResult } from './check.ts';
import { NO_EGRESS } from './egress-event.ts';
import type { EgressUse } from './egress-event.ts';
import type { AgentClaim, RecordedEvent, RedoMode, RunEvent, SandboxReport, TurnEnd, UndoMode } from './event.ts';
import type { ExperimentResult } from './experiment-event.ts';
import type { Finding } from './finding.ts';
import type { Review } from './fold-approval.ts';
import { isParked } from './fold-freeze.ts';
import { NOTHING_ASKED, waitingQuestions } from './fold-permission.ts';
import type { Permissions } from './fold-permission.ts';
import type { CloudState } from './fold-cloud.ts';
import { NOT_PUBLISHED } from './fold-publish.ts';
import type { Publication } from './fold-publish.ts';
import type { Freeze } from './freeze.ts';
import { NO_USAGE } from './limit.ts';
import type { LimitBreach, Limits, Usage } from './limit.ts';
import type { QuotaWait } from './model-event.ts';
import type { Owners } from './owner.ts';
import type { ResolvedPolicy } from './policy.ts';
import type { StopReason } from './stop-reason.ts';
import type { BaseRevision, Task } from './task.ts';
import type { UndoPlan, UndoRehearsal } from './undo-plan.ts';
import type { Verdict } from './verdict.ts';

/** Events that announce an effect. The state holds the one whose finish has not been seen. */
export type RequestEvent = Extract<
  RunEvent,
  {
    type:
      | 'workspace.requested'
      | 'check.requested'
      | 'turn.requested'
      | 'change.requested'
      | 'experiment.requested'
      | 'rehearsal.requested';
  }
>;

/**
 * Where the run is. The order within one iteration:
 *
 *     preparing -> baseline -> ready -> turned -> collected -> judged -+-> ready (continue)
 *                                                                      +-> stopped
 *                                                     (accept or hold) +-> rehearsed -> waiting -> ready | stopped
 */
export type Phase =
  | 'preparing'
  | 'baseline'
  | 'ready'
  | 'turned'
  | 'collected'
  | 'judged'
  | 'rehearsed'
  | 'waiting'
  | 'stopped';

/** One pass: drive, collect, check, judge. Fields fill up from top to bottom. */
export interface Iteration {
  readonly number: number;
  /** Blob of the prompt. */
  readonly prompt: string;
  /** What the prompt told of earlier iterations; absent where it told nothing, and in older logs. */
  readonly carried?: Carried;
  readonly turn: TurnRecord | null;
  readonly change: Change | null;
  /** Ref of the checkpoint in the trusted mirror. */
  readonly checkpointRef: string | null;
  readonly checks: readonly CheckResult[];
  readonly findings: readonly Finding[];
  readonly verdict: Verdict | null;
}

export interface TurnRecord {
  readonly end: TurnEnd;
  readonly claims: readonly AgentClaim[];
  readonly wallTimeMs: number;
  readonly outputBytes: number;
  /** Blob of the bounded output. */
  readonly output: string;
  /** Absent where the detectors over steps saw nothing. */
  readonly sightings?: readonly Finding[];
}

export interface Stop {
  readonly reason: StopReason;
  readonly detail: string;
  readonly at: number;
}

export interface ClaimedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Whole nano-dollars; null where the agent names no cost. */
  readonly costNanoUsd: number | null;
}

export interface Landing {
  readonly branch: string;
  readonly commit: string;
  /** What the branch pointed at before; null when it was created. */
  readonly previous: string | null;
}

export interface RunState {
  readonly runId: string;
  readonly lastSeq: number;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly activeMs: number;
  readonly epoch: number;
  readonly operator: string;
  /** Who answers for it; null where the log names nobody but the policy. */
  readonly owners: Owners | null;
  readonly unattended: boolean;
  readonly task: Task;
  readonly policy: ResolvedPolicy;
  readonly policyHash: string;
  readonly base: BaseRevision;
  readonly sandbox: SandboxReport;
  readonly loopwright: string;
  /** The run whose recorded model calls are served again; null where models are really asked. */
  readonly replay: string | null;
  /** What of the policy nothing enforces for this agent, in words. */
  readonly unenforced: readonly string[];
  /** Where an agent that works in a vendor's cloud works, and what it told; null for one in the sandbox. */
  readonly cloud: CloudState | null;
  readonly phase: Phase;
  /** What was executed as the agent, oldest first: one, unless the policy lets it change under the run. */
  readonly programs: readonly FoundAgent[];
  /** The newest conversation the agent named. */
  readonly session: NamedSession | null;
  /** A process took the run and has not said that it let go. It may be dead: the lease tells. */
  readonly legOpen: boolean;
  readonly workspace: { readonly kind: 'overlay' | 'clone'; readonly dependencies: readonly string[] } | null;
  readonly baseline: readonly CheckResult[];
  readonly baselineVerdict: Verdict | null;
  readonly iterations: readonly Iteration[];
  /** What changes that would be accepted proved, in the order it was tried. */
  readonly experiments: readonly ExperimentResult[];
  readonly usage: Usage;
  /** Those of the policy, and what a person raised since. */
  readonly limits: Limits;
  /** What the agent says its own login used, where nothing here could meter it; null where it said nothing. */
  readonly claimedUsage: ClaimedUsage | null;
  /** A vendor turned calls away; the run waits before its next turn. */
  readonly quota: QuotaWait | null;
  /** Calls vendors turned away so far. */
  readonly quotaAttempts: number;
  /** Attempts to reach the network. */
  readonly egress: EgressUse;
  readonly limitsReached: readonly LimitBreach[];
  /** What the agent asked before it acted. */
  readonly permissions: Permissions;
  readonly pending: RequestEvent | null;
  readonly stopRequested: { readonly by: string } | null;
  readonly undo: { readonly plan: UndoPlan; readonly rehearsal: UndoRehearsal | null } | null;
  readonly approvalRequest: ApprovalRequest | null;
  readonly approvals: readonly KnownDecision[];
  /** Since when the change waits for people; null before the first one did. */
  readonly review: Review | null;
  /** What a person froze of the paths the run may change, as far as the run met it. */
  readonly frozen: readonly Freeze[];
  readonly stop: Stop | null;
  readonly landing: Landing | null;
  readonly landRequested: { readonly branch: string; readonly commit: string } | null;
  /** Where the change is on a forge. */
  readonly publication: Publication;
  /** When it landed or was brought back, milliseconds since 1970 UTC; null where it is on no branch. */
  readonly landedAt: number | null;
  readonly undoRequested: UndoMode | null;
  readonly undone: Undone | null;
  /** Where it had landed when it was undone: what a redo brings back. */
  readonly landedBefore: Landing | null;
  readonly redoRequested: RedoMode | null;
}

export interface Undone {
  readonly mode: UndoMode;
  readonly evidence: string;
  /** The commit that takes the change back; absent where none does. */
  readonly commit?: string;
}

export type RunStatus = 'running' | 'waiting' | 'stopped';

/** What is true of the world now. */
export type Outcome = 'undecided' | 'not-accepted' | 'accepted' | 'landed' | 'undone';

export function statusOf(state: RunState): RunStatus {
  if (state.stop !== null) return 'stopped';
  const waits = state.phase === 'waiting' || isParked(state) || waitsForAnswers(state) || waitsForQuota(state);
  return waits ? 'waiting' : 'running';
}

/** Nobody has to decide anything: time has to pass. */
export function waitsForQuota(state: RunState): boolean {
  const held = waitsForAnswers(state) || isParked(state);
  return state.stop === null && state.phase === 'ready' && state.quota !== null && !held;
}

/** The agent wanted what a person has to decide about, and nobody has decided. */
export function waitsForAnswers(state: RunState): boolean {
  const betweenTurns = state.stop === null && state.phase === 'ready' && state.pending === null;
  return betweenTurns && waitingQuestions(state).length > 0;
}

/** Iterations that count: one that a vendor's quota or a question to a person cut short says nothing about the agent. */
export function fullIterations(state: RunState): readonly Iteration[] {
  return state.iterations.filter(({ turn }) => turn?.end.kind !== 'quota' && turn?.end.kind !== 'held');
}

export function outcomeOf(state: RunState): Outcome {
  if (state.undone !== null) return 'undone';
  const { request, withdrawn } = state.publication;
  if (state.landing !== null || (request?.state === 'merged' && withdrawn === null)) return 'landed';
  if (state.stop === null) return 'undecided';
  return state.stop.reason === 'accepted' ? 'accepted' : 'not-accepted';
}

export function currentIteration(state: RunState): Iteration | null {
  return state.iterations.at(-1) ?? null;
}

/** The newest change that was collected, or null. */
export function newestChange(state: RunState): Change | null {
  for (let index = state.iterations.length - 1; index >= 0; index -= 1) {
    const change = state.iterations[index]?.change;
    if (change) return change;
  }
  return null;
}

/** The state a run has after its first event. */
export function initialState(event: Extract<RecordedEvent, { type: 'run.started' }>): RunState {
  return {
    runId: event.runId,
    lastSeq: event.seq,
    startedAt: event.at,
    lastAt: event.at,
    activeMs: event.activeMs,
    epoch: event.epoch,
    operator: event.operator,
    owners: event.owners ?? null,
    unattended: event.unattended ?? false,
    task: event.task,
    policy: event.policy,
    policyHash: event.policyHash,
    base: event.base,
    sandbox: event.sandbox,
    loopwright: event.loopwright,
    replay: event.replay ?? null,
    unenforced: event.unenforced ?? [],
    cloud: event.cloud === undefined ? null : { ...event.cloud, sessions: [], branches: [] },
    phase: 'preparing',
    programs: [],
    session: null,
    legOpen: false,
    workspace: null,
    baseline: [],
    baselineVerdict: null,
    iterations: [],
    experiments: [],
    usage: NO_USAGE,
    limits: event.policy.limits,
    claimedUsage: null,
    quota: null,
    quotaAttempts: 0,
    egress: NO_EGRESS,
    limitsReached: [],
    permissions: NOTHING_ASKED,
    pending: null,
    stopRequested: null,
    undo: null,
    approvalRequest: null,
    approvals: [],
    review: null,
    frozen: [],
    stop: null,
    landing: null,
    landRequested: null,
    publication: NOT_PUBLISHED,
    landedAt: null,
    undoRequested: null,
    undone: null,
    landedBefore: null,
    redoRequested: null,
  };
}
