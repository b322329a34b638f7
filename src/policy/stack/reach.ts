/** Whether a layer speaks of a repository, by what is on this host: paths may lead through symbolic links. */
import { realpath } from 'node:fs/promises';
import type { RepositoryNames } from '../../ports/workspace.ts';
import { appliesTo } from '../applies-to.ts';
import { literalPrefix } from '../globs.ts';

/** What a glob could read as more than a character. */
const MAGIC = /[*?[\]{}()|\\!+@]/g;

/**
 * A pattern as it is written, and as its path is: the root of a repository has its links resolved, and a layer that missed it
 * for that would be a rule that nobody obeys.
 */
async function bothWays(pattern: string, home: string): Promise<readonly string[]> {
  const whole = pattern.startsWith('~/') ? `${home}${pattern.slice(1)}` : pattern;
  const written = literalPrefix(whole);
  if (!written.startsWith('/')) return [pattern];
  // No repository is where nothing can be reached.
  const real = await realpath(written).catch(() => written);
  if (real === written) return [pattern];
  return [pattern, `${real.replace(MAGIC, String.raw`\$&`)}${whole.slice(written.length)}`];
}

/** `home`: of whoever runs loopwright, its links resolved. */
export async function doesReach(
  patterns: readonly string[],
  repository: RepositoryNames,
  home: string,
): Promise<boolean> {
  const all = await Promise.all(patterns.map((pattern) => bothWays(pattern, home)));
  return appliesTo(all.flat(), repository, home);
}
