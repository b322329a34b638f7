/** The policy of a repository under the layers of this host, for every command that reads one. */
import type { PolicyFile } from '../policy/content.ts';
import type { RepositoryNames } from '../ports/workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Rejects with `LW_POLICY_LAYER`, `LW_POLICY_INVALID` or `LW_POLICY_LOOSENED`. */
export async function underLayers(
  file: PolicyFile | null,
  env: Environment,
  repository: () => Promise<RepositoryNames>,
): Promise<PolicyFile | null> {
  const { withLayers } = await import('../policy/stack/load.ts');
  return withLayers(file, env, repository);
}
