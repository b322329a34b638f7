/**
 * The log of a run: everything that happened, in order. The only truth; state, report and screens are folds of it.
 *
 * Names are `<noun>.<pastVerb>`. Every outward effect has a `*.requested` before it and a `*.finished` (or the named
 * counterpart) after it, so recovery is: find the request without its finish.
 * Large payloads are blobs beside the log; fields that hold one end in a comment saying so and carry its SHA-256.
 */
import type { AgentEvent } from './agent-event.ts';
import { APPROVAL_EVENT_MEANINGS } from './approval-event.ts';
import type { ApprovalEvent } from './approval-event.ts';
import type { Carried } from './carried.ts';
import type { Change } from './change.ts';
import type { CheckResult } from './check.ts';
import type { EgressEvent } from './egress-event.ts';
import { CLOUD_EVENT_MEANINGS } from './cloud-event.ts';
import type { CloudEvent, CloudFacts } from './cloud-event.ts';
import { EXPERIMENT_EVENT_MEANINGS } from './experiment-event.ts';
import type { ExperimentEvent } from './experiment-event.ts';
import type { Finding } from './finding.ts';
import { FREEZE_EVENT_MEANINGS } from './freeze.ts';
import type { FreezeEvent } from './freeze.ts';
import type { LimitBreach } from './limit.ts';
import type { ModelEvent, QuotaWait } from './model-event.ts';
import type { Owners } from './owner.ts';
import type { PermissionEvent, QuestionDigest } from './permission.ts';
import type { ResolvedPolicy } from './policy.ts';
import { PUBLISH_EVENT_MEANINGS } from './publish-event.ts';
import type { PublishEvent } from './publish-event.ts';
import type { StopReason } from './stop-reason.ts';
import type { BaseRevision, Task } from './task.ts';
import { UNDO_EVENT_MEANINGS } from './undo-event.ts';
import type { UndoEvent } from './undo-event.ts';
import type { UndoPlan, UndoRehearsal } from './undo-plan.ts';
import type { Verdict } from './verdict.ts';

/** Version of the event shapes below. Consumers refuse versions they do not know. */
export const EVENT_VERSION = 1;

/** What a sandbox really enforces, found by probing; printed by every report. */
/** Paths are relative to the top of the tree. */
export interface GuardedTree {
  /** Tracked files the agent sees as empty ones: their names are those of secrets. */
  readonly hidden: readonly string[];
  /** Those of them that a held-back check rests on: empty for every other check too. Absent where there are none. */
  readonly heldBack?: readonly string[];
  /** Files of dependencies that are empty in every copy. */
  readonly emptied: readonly string[];
  /** Files and directories the agent cannot write to. */
  readonly locked: readonly string[];
  /** How many files the policy forbids to change and no mount keeps: the detector for scope does. */
  readonly loose: number;
}

export interface SandboxReport {
  readonly id: string;
  /** false for `none`: every report then says so. */
  readonly confines: boolean;
  readonly version: string | null;
  /** Each property by name, as probed: `network: none`, `home: hidden`. */
  readonly enforced: Readonly<Record<string, string>>;
  /** What it does not enforce, in words. Empty is a claim. */
  readonly gaps: readonly string[];
}

/** What the agent claims; shown as a claim, never trusted. */
export interface AgentClaim {
  readonly kind: 'done' | 'blocked' | 'impossible' | 'message';
  readonly text: string;
}

export type TurnEnd =
  /** The agent ended its turn by itself. */
  | { readonly kind: 'ended'; readonly exitCode: number | null }
  /** A limit ended the turn. */
  | { readonly kind: 'limit'; readonly breach: LimitBreach }
  /** A vendor turned calls away until later, or for good. */
  | { readonly kind: 'quota'; readonly quota: QuotaWait }
  /** The agent wants what a person has to decide about. Its turn is over; nothing waits for the answer. */
  | { readonly kind: 'held'; readonly questions: readonly QuestionDigest[] }
  /** A detector over the steps of the agent ended the turn; `sightings` of the turn say what it saw. */
  | { readonly kind: 'detector'; readonly detail: string }
  /** A person ended the turn. */
  | { readonly kind: 'cancelled' }
  /** The process died by a signal nobody here sent, or broke its protocol. */
  | { readonly kind: 'crashed'; readonly detail: string }
  /** The program could not be started at all. */
  | { readonly kind: 'unavailable'; readonly detail: string }
  /** The supervisor died during the turn; the workspace holds whatever was written by then. */
  | { readonly kind: 'lost' };

export type RunEvent =
  | {
      readonly type: 'run.started';
      readonly task: Task;
      readonly policy: ResolvedPolicy;
      readonly policyHash: string;
      readonly base: BaseRevision;
      readonly sandbox: SandboxReport;
      readonly operator: string;
      /** Who answers for it; absent: nobody is named. */
      readonly owners?: Owners;
      /** Nobody is there to look: started so by a flag. */
      readonly unattended?: true;
      /** The run whose recorded model calls are served again instead of asking anybody. */
      readonly replay?: string;
      /** The agent works in a vendor's cloud, out of reach of sandbox and gateway. Absent: it works in the sandbox. */
      readonly cloud?: CloudFacts;
      readonly loopwright: string;
      /** What of the policy nothing enforces for this agent, in words; absent where everything is. */
      readonly unenforced?: readonly string[];
    }
  | {
      readonly type: 'leg.started';
      readonly pid: number;
      readonly host: string;
      /** The person who resumed the run. Their word is newer than a stop that was asked for before: it withdraws it. */
      readonly by?: string;
    }
  /** Only for a run that waits: one that stops says so itself. */
  | { readonly type: 'leg.ended'; readonly why: 'waiting' }
  | { readonly type: 'workspace.requested' }
  | {
      readonly type: 'workspace.prepared';
      readonly kind: 'overlay' | 'clone';
      readonly dependencies: readonly string[];
      /** What of the tree is kept from the agent. Older logs lack it. */
      readonly guarded?: GuardedTree;
    }
  | {
      readonly type: 'check.requested';
      readonly stage: CheckStage;
      readonly iteration: number;
      readonly checkId: string;
      readonly revision: string;
    }
  | {
      readonly type: 'check.finished';
      readonly stage: CheckStage;
      readonly iteration: number;
      readonly result: CheckResult;
    }
  | {
      readonly type: 'turn.requested';
      readonly iteration: number;
      /** Blob of the prompt text. */
      readonly prompt: string;
      /** What it tells of earlier iterations, and what it told before and does not now; absent where there is nothing. */
      readonly carried?: Carried;
    }
  | {
      readonly type: 'turn.finished';
      readonly iteration: number;
      readonly end: TurnEnd;
      readonly claims: readonly AgentClaim[];
      readonly wallTimeMs: number;
      readonly outputBytes: number;
      /** Blob of the bounded output of the agent. */
      readonly output: string;
      /** What detectors over its steps saw; absent where they saw nothing. */
      readonly sightings?: readonly Finding[];
    }
  | AgentEvent
  | ModelEvent
  | PermissionEvent
  | EgressEvent
  | CloudEvent
  | ExperimentEvent
  | ApprovalEvent
  | FreezeEvent
  | PublishEvent
  | { readonly type: 'change.requested'; readonly iteration: number }
  | { readonly type: 'change.collected'; readonly change: Change }
  | { readonly type: 'checkpoint.created'; readonly iteration: number; readonly ref: string; readonly commit: string }
  | { readonly type: 'finding.raised'; readonly iteration: number; readonly finding: Finding }
  | { readonly type: 'verdict.reached'; readonly iteration: number; readonly verdict: Verdict }
  | { readonly type: 'limit.reached'; readonly breach: LimitBreach }
  | { readonly type: 'undo.planned'; readonly plan: UndoPlan }
  | { readonly type: 'rehearsal.requested'; readonly head: string }
  | { readonly type: 'rehearsal.finished'; readonly head: string; readonly rehearsal: UndoRehearsal }
  | { readonly type: 'stop.requested'; readonly by: string }
  | {
      readonly type: 'run.stopped';
      readonly reason: StopReason;
      /** One sentence with the values that decided. */
      readonly detail: string;
    }
  | { readonly type: 'land.requested'; readonly branch: string; readonly commit: string }
  | {
      readonly type: 'land.finished';
      readonly branch: string;
      readonly commit: string;
      readonly previous: string | null;
    }
  | UndoEvent;

export type { ModelEvent, QuotaWait } from './model-event.ts';
export type { PermissionEvent } from './permission.ts';
export type { RedoMode, UndoMode } from './undo-event.ts';

export type CheckStage = 'baseline' | 'acceptance';

export type EventType = RunEvent['type'];

/** An event as the log holds it. */
export type RecordedEvent = RunEvent & {
  /** Position in the log of the run, from 1, without gaps. */
  readonly seq: number;
  /** Wall clock, milliseconds since 1970 UTC. For people; never used to measure. */
  readonly at: number;
  /** Monotonic milliseconds the run was actively supervised, summed over its legs. */
  readonly activeMs: number;
  readonly runId: string;
  /** Fencing epoch of the writer. */
  readonly epoch: number;
  readonly v: typeof EVENT_VERSION;
};

/** Every type, once: a record so that the compiler refuses a forgotten member. Basis of the generated catalogue. */
export const EVENT_MEANINGS: Readonly<Record<EventType, string>> = {
  'run.started': 'Task, frozen policy, base revision and sandbox of the run are fixed.',
  'leg.started': 'A process took the run and drives it.',
  'leg.ended': 'That process let go of the run.',
  'workspace.requested': 'The throw-away copy is about to be made.',
  'workspace.prepared': 'The throw-away copy is ready.',
  'check.requested': 'A check is about to run in a fresh sandbox on a fresh checkout.',
  'check.finished': 'The check ended, with its conclusion.',
  'turn.requested': 'The agent is about to get a prompt.',
  'agent.found': 'The program of the agent was looked at: which it is, by its contents.',
  'session.named': 'The agent named its conversation, so that a later turn can go on with it.',
  'turn.finished': 'The turn is over and no process of it is left.',
  'model.called': 'A model call went through the gateway and was charged.',
  'model.refused': 'The gateway turned a model call away.',
  'tool.stripped': 'Hosted tools the policy does not allow were taken out of a model call.',
  'quota.reached': 'A vendor turned a model call away for quota or overload.',
  'charge.recovered': 'A charge is in the ledger that no event told of: its supervisor died.',
  'usage.claimed': 'The agent says what its own login used.',
  'limit.raised': 'A person raised a limit of the run.',
  'permission.asked': 'The agent asks whether it may use a tool.',
  'permission.answered': 'It was told: yes, no, or that a person has to decide.',
  'permission.decided': 'A person decided a question that was held.',
  'egress.attempted': 'Something in the sandbox asked for a host; the first time of its kind.',
  'egress.counted': 'What came of the attempts to reach hosts, by kind.',
  ...CLOUD_EVENT_MEANINGS,
  ...EXPERIMENT_EVENT_MEANINGS,
  'change.requested': 'The workspace is about to be collected.',
  'change.collected': 'The change was imported into the trusted mirror.',
  'checkpoint.created': 'The change is kept under a ref the run can return to.',
  'finding.raised': 'A detector saw something.',
  'verdict.reached': 'The iteration was judged.',
  'limit.reached': 'A limit was reached.',
  'undo.planned': 'The reversal steps of the change are written down.',
  'rehearsal.requested': 'The undo is about to be tried in a scratch copy.',
  'rehearsal.finished': 'The undo was tried in a scratch copy.',
  ...APPROVAL_EVENT_MEANINGS,
  ...FREEZE_EVENT_MEANINGS,
  'stop.requested': 'A person asked the run to stop.',
  'run.stopped': 'The run is over.',
  'land.requested': 'The result is about to be written to a branch of the user.',
  'land.finished': 'The result is on that branch.',
  ...PUBLISH_EVENT_MEANINGS,
  ...UNDO_EVENT_MEANINGS,
};
