/** Everything the engine needs from the world, handed in by the composition root. It knows no adapter by name. */
import type { FailureNote, Interpretation, ReportFormat } from '../core/check.ts';
import type { Freeze } from '../core/freeze.ts';
import type { PermissionAnswer, PermissionQuestion } from '../core/permission.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { RunState } from '../core/state.ts';
import type { CheckEvidence, CheckFormat } from '../ports/check.ts';
import type { ContentReader } from '../ports/content.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Driver } from '../ports/driver.ts';
import type { Egress } from '../ports/egress.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { MigrationBench } from '../ports/migrations.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { ApproverKeys } from '../ports/signing.ts';
import type { RunStore } from '../ports/store.ts';
import type { BaseReader, PathClassifier, Results, RiskReader, TreeGuard, Workspaces } from '../ports/workspace.ts';

export interface Failures {
  /** For people and for the next prompt; bounded. */
  readonly notes: readonly FailureNote[];
  /** Sorted ids; bounded. */
  readonly failing: readonly string[];
}

/** What the rules of a policy say to a question. `workspacePath`: where the workspace is for whoever asks. */
export type RuleAnswers = (question: PermissionQuestion, workspacePath: string) => PermissionAnswer;

/** `scope`: all that the policy lets the run change. `change`: what its newest change touches. */
export type FreezeReach = 'scope' | 'change';

export interface EngineDependencies {
  readonly store: RunStore;
  readonly clock: Clock;
  /** Only asked for when an agent calls models. */
  gateway(): Promise<Gateway>;
  /** Only asked for when a policy names hosts. */
  egress(): Promise<Egress>;
  readonly secrets: Secrets;
  readonly ids: Ids;
  readonly sandbox: Sandbox;
  readonly workspaces: Workspaces;
  readonly results: Results;
  /** Reads the base revision of a run. */
  base(repository: string, commit: string): BaseReader;
  /** Rejects with `LW_AGENT_UNKNOWN`. */
  driver(id: string): Promise<Driver>;
  checkFormat(id: ReportFormat): Promise<CheckFormat>;
  failures(interpretation: Interpretation, evidence: CheckEvidence): Failures;
  classifier(policy: ResolvedPolicy): Promise<PathClassifier>;
  ruleAnswers(policy: ResolvedPolicy): Promise<RuleAnswers>;
  riskReader(policy: ResolvedPolicy): Promise<RiskReader>;
  /** `signal` ends programs that the reader asks. */
  contentReader(policy: ResolvedPolicy, signal: AbortSignal): Promise<ContentReader>;
  /** Only asked for when a change has migrations. */
  migrations(): Promise<MigrationBench>;
  /** What of the tree is kept from the agent. */
  guard(policy: ResolvedPolicy): Promise<TreeGuard>;
  readonly approverKeys: ApproverKeys;
  /** Freezes that are on now and cover what the run may change, or what its newest change does. */
  freezes(state: RunState, reach: FreezeReach): Promise<readonly Freeze[]>;
  /** Names this process in leases and `leg.started`. */
  readonly process: { readonly pid: number; readonly host: string };
  readonly version: string;
}

/** How this process is named in leases. */
export function leaseOwner({ process }: EngineDependencies): string {
  return `${process.host}:${process.pid}`;
}
