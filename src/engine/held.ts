/** What a leg holds while it drives a run: each is opened when it is first needed, and let go with the leg. */
import type { EgressRun } from '../ports/egress.ts';
import type { OpenSecret, RunSecrets } from '../ports/secrets.ts';
import type { Workspace, WorkspaceRequest } from '../ports/workspace.ts';
import { openAgent } from './agent.ts';
import type { Agent } from './agent.ts';
import type { EngineDependencies } from './dependencies.ts';
import { openEgress } from './egress.ts';
import type { Recorder } from './recorder.ts';

/** What one leg holds while it drives a run. Nothing of it outlives the leg. */
export interface Leg {
  readonly deps: EngineDependencies;
  readonly recorder: Recorder;
  /** Ends the turn or check under way: for a stop, and for a kill. */
  readonly effects: AbortController;
  /** Ends whatever is under way. Nothing that was cut short by it is recorded as a result. */
  readonly killed: AbortController;
  workspace: Workspace | null;
  agent: Agent | null;
  egress: EgressRun | null;
  secrets: RunSecrets | null;
}

export async function workspaceRequest(leg: Leg): Promise<WorkspaceRequest> {
  const { runId, task, base, policy } = leg.recorder.state();
  const [classify, readRisks, readContent, guard] = await Promise.all([
    leg.deps.classifier(policy),
    leg.deps.riskReader(policy),
    leg.deps.contentReader(policy, leg.effects.signal),
    leg.deps.guard(policy),
  ]);
  const { dependencies } = policy.paths;
  return { runId, repository: task.repository, base, dependencies, classify, readRisks, readContent, guard };
}

export async function openWorkspace(leg: Leg): Promise<Workspace> {
  leg.workspace ??= await leg.deps.workspaces.open(await workspaceRequest(leg));
  return leg.workspace;
}

/** Read when the first turn or check needs them, forgotten with the leg. */
async function openSecretsOf(leg: Leg): Promise<readonly OpenSecret[]> {
  const { policy, task } = leg.recorder.state();
  const rules = policy.secrets ?? [];
  if (rules.length === 0) return [];
  leg.secrets ??= await leg.deps.secrets.open(rules, task.repository);
  return leg.secrets.all;
}

/** Not opened for a check that gets none. */
export async function secretsOfCheck(leg: Leg, checkId: string): Promise<readonly OpenSecret[]> {
  const { policy } = leg.recorder.state();
  return (policy.secrets ?? []).some(({ checks }) => checks.includes(checkId)) ? openSecretsOf(leg) : [];
}

/** One proxy for a leg: turns and checks take it one after the other. */
export async function openEgressOf(leg: Leg): Promise<EgressRun | null> {
  leg.egress ??= await openEgress(leg.deps, leg.recorder, () => openSecretsOf(leg));
  return leg.egress;
}

export async function openAgentOf(leg: Leg): Promise<Agent> {
  if (leg.agent !== null) return leg.agent;
  const { deps, recorder } = leg;
  const [workspace, egress] = [await openWorkspace(leg), await openEgressOf(leg)];
  leg.agent = await openAgent({ deps, recorder, workspace, egress });
  return leg.agent;
}

/** Gives back what was opened. */
export async function letGo(leg: Leg): Promise<void> {
  await leg.agent?.close();
  await leg.egress?.close();
  leg.secrets?.close();
}
