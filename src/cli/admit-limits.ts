/** Limits that a person gives to a run that is under way: layers of the host hold for them as for the flags of a new run. */
import type { Ceiling, LimitName } from '../core/limit.ts';
import type { RunState } from '../core/state.ts';
import type { Bench } from './compose.ts';
import { underLayers } from './layers.ts';

/** Rejects with `LW_POLICY_LOOSENED` where a layer of this host allows less. Without layers nothing is read. */
export async function admitLimits(
  { repositories }: Pick<Bench, 'repositories'>,
  { task, base, policy }: Pick<RunState, 'task' | 'base' | 'policy'>,
  limits: Partial<Record<LimitName, Ceiling>>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (Object.keys(limits).length === 0) return;
  const { loadPolicy } = await import('../policy/load.ts');
  const { classChain } = await import('../policy/class-chain.ts');
  const own = await loadPolicy(repositories.read(task.repository, base.commit));
  const file = await underLayers(own, env, () => repositories.names(task.repository));
  file?.stack?.admit({ limits }, classChain(policy.class.name, file));
}
