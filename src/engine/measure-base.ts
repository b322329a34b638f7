/** Runs the checks of a policy on the untouched base, outside any run: what `doctor` shows before money is spent. */
import type { CheckResult } from '../core/check.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BaseRevision } from '../core/task.ts';
import { checkingWorkspace } from './checking-workspace.ts';
import type { EngineDependencies } from './dependencies.ts';
import { runCheck, sightOf } from './run-check.ts';

export interface BaseMeasurement {
  readonly repository: string;
  readonly base: BaseRevision;
  readonly policy: ResolvedPolicy;
  /** How often each check runs; more than once shows flaky tests. */
  readonly times: number;
}

/** Results in the order they were measured. The workspace it needs is removed again. */
export async function measureBase(
  deps: EngineDependencies,
  wanted: BaseMeasurement,
  onResult: (result: CheckResult) => void,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { repository, base, policy } = wanted;
  const runId = deps.ids.next();
  const workspace = await checkingWorkspace(deps, { runId, repository, base, policy }, signal);
  const results: CheckResult[] = [];
  try {
    for (const spec of policy.checks) {
      for (let time = 0; time < wanted.times; time += 1) {
        const checkout = await workspace.fresh(base.commit, 'as-committed', signal, sightOf(spec));
        try {
          const { environment, resources } = policy;
          const { result } = await runCheck(deps, { spec, checkout, environment, resources, baseline: null, signal });
          results.push(result);
          onResult(result);
        } finally {
          await checkout.dispose();
        }
      }
    }
  } finally {
    await deps.results.discard(runId);
  }
  return results;
}
