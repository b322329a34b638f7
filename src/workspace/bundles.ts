/** Bundles: the commits of a run in one file that any git can read, kept before a ref is removed. */
import { rename } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import type { Git } from './git.ts';
import { refs, type Mirror } from './mirror.ts';
import type { StateDirectory } from './state-directory.ts';

export interface KeptRef {
  readonly ref: string;
  readonly commit: string;
}

export async function listRunRefs(git: Git, mirror: Mirror, runId: string): Promise<readonly KeptRef[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', `${refs.run(runId)}/`];
  const lines = (await git.line({ args, gitDir: mirror.gitDir })).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [commit = '', ref = ''] = line.split(' ');
    return { commit, ref };
  });
}

/** Resolves to the path of the bundle, or null when the run has no commit. Replaces an earlier bundle of the run. */
export async function keepBundle(
  git: Git,
  state: StateDirectory,
  mirror: Mirror,
  runId: string,
): Promise<string | null> {
  const kept = await listRunRefs(git, mirror, runId);
  if (kept.length === 0) return null;
  const file = state.bundle(runId);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  // Without the parents of the checkpoints: whoever unpacks it has the base.
  const without = kept.map(({ commit }) => `^${commit}^@`).join('\n');
  await git.run({
    args: ['bundle', 'create', '--quiet', draft, '--stdin'],
    gitDir: mirror.gitDir,
    stdin: Buffer.from(`${kept.map(({ ref }) => ref).join('\n')}\n${without}\n`),
  });
  await rename(draft, file);
  return file;
}

/** Removes the refs of a run from the mirror; each only while it is what was kept. */
export async function dropRunRefs(git: Git, mirror: Mirror, runId: string): Promise<number> {
  const kept = await listRunRefs(git, mirror, runId);
  if (kept.length === 0) return 0;
  const orders = kept.map(({ ref, commit }) => `delete ${ref} ${commit}\n`).join('');
  await git.run({ args: ['update-ref', '--stdin'], gitDir: mirror.gitDir, stdin: Buffer.from(orders) });
  return kept.length;
}
