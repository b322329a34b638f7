/** The migrations of a change, tried: what is tried and why is in the core, how is behind the port. */
import { MAX_LISTED } from '../core/check.ts';
import type { ExperimentResult } from '../core/experiment-event.ts';
import { worstTrials } from '../core/migration.ts';
import type { Workspace } from '../ports/workspace.ts';
import type { Laboratory } from './experiments.ts';

export async function tryMigrations(
  { deps, state, iteration, change, signal }: Omit<Laboratory, 'execute'>,
  workspace: Workspace,
): Promise<ExperimentResult> {
  const { repository } = state.task;
  const bench = await deps.migrations();
  const commits = { base: state.base.commit, head: change.checkpoint };
  const trials = await bench.run({
    base: deps.base(repository, commits.base),
    head: deps.base(repository, commits.head),
    policy: state.policy,
    checkout: (of) => workspace.fresh(commits[of], 'protected-from-base', signal),
    signal,
  });
  return { kind: 'migrations', iteration: iteration.number, trials: worstTrials(trials, MAX_LISTED) };
}
