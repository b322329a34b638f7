/** A workspace that checks run in and nothing is collected from, outside the run that owns its own. */
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BaseRevision } from '../core/task.ts';
import type { Workspace } from '../ports/workspace.ts';
import type { EngineDependencies } from './dependencies.ts';

export interface CheckingPlace {
  /** Of its directory; whoever asks for it discards it. */
  readonly runId: string;
  readonly repository: string;
  readonly base: BaseRevision;
  readonly policy: ResolvedPolicy;
}

export async function checkingWorkspace(
  deps: EngineDependencies,
  { runId, repository, base, policy }: CheckingPlace,
  signal: AbortSignal,
): Promise<Workspace> {
  const [classify, guard] = await Promise.all([deps.classifier(policy), deps.guard(policy)]);
  const { dependencies } = policy.paths;
  // Nothing is collected, so there is no change to read.
  const readers = { classify, readRisks: () => [], readContent: () => Promise.resolve([]) };
  return deps.workspaces.create({ runId, repository, base, dependencies, ...readers, guard }, signal);
}
