/** Who answers for a run: the owner of its policy, else who owns what it may change by CODEOWNERS. Pure. */
import type { Owners } from '../core/owner.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import { compileGlobs, readPath } from './globs.ts';
import type { CodeOwners } from './owned-paths.ts';

/** More names than this answer for nothing together. */
const MAX_OWNERS = 10;

/** Owners of these files, who owns the most of them first. */
function ownersOfFiles(file: CodeOwners, paths: readonly string[]): readonly string[] {
  const rules = file.rules.map(({ globs, owners }) => ({ covers: compileGlobs(globs, 'exact'), owners })).reverse();
  const counts = new Map<string, number>();
  for (const path of paths) {
    const readings = readPath(path);
    for (const owner of rules.find(({ covers }) => covers(readings))?.owners ?? []) {
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
  }
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([owner]) => owner);
}

/** `files`: of the base revision; asked for only where the policy names nobody. null: nobody answers for the run. */
export async function runOwners(
  policy: Pick<ResolvedPolicy, 'owner' | 'paths'>,
  codeOwners: CodeOwners | null,
  files: () => Promise<readonly string[]>,
): Promise<Owners | null> {
  if (policy.owner !== null) return { names: [policy.owner], by: 'policy' };
  if (codeOwners === null || codeOwners.rules.length === 0) return null;
  const isAllowed = compileGlobs(policy.paths.allow, 'exact');
  const isDenied = compileGlobs(policy.paths.deny, 'folded');
  const inScope = (await files()).filter((path) => {
    const readings = readPath(path);
    return isAllowed(readings) && !isDenied(readings);
  });
  const names = ownersOfFiles(codeOwners, inScope).slice(0, MAX_OWNERS);
  return names.length === 0 ? null : { names, by: 'codeowners' };
}
