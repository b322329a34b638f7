/** What the policy says of a path, decided by the path alone. Compiled once, then pure. */
import type { ResolvedPolicy } from '../core/policy.ts';
import type { PathClassifier } from '../ports/workspace.ts';
import { compileGlobs, readPath } from './globs.ts';

/**
 * `protected`: exists on the base and is covered by `protect`. `inScope`: allowed and not denied. `zones`: by name, in
 * the order of the policy. Lists that restrict ignore case and Unicode forms; `paths.allow` takes names exactly.
 */
export function pathClassifier(policy: Pick<ResolvedPolicy, 'protect' | 'paths' | 'risk'>): PathClassifier {
  const isProtected = compileGlobs(policy.protect, 'folded');
  const isAllowed = compileGlobs(policy.paths.allow, 'exact');
  const isDenied = compileGlobs(policy.paths.deny, 'folded');
  const zones = policy.risk.map((zone) => ({
    name: zone.name,
    covers: compileGlobs(zone.paths, 'folded'),
    // CODEOWNERS is not folded: there, the later line of another case takes nothing away.
    owns: compileGlobs(zone.owned ?? [], 'exact'),
  }));
  return (path, existsOnBase) => {
    const readings = readPath(path);
    return {
      protected: existsOnBase && isProtected(readings),
      inScope: isAllowed(readings) && !isDenied(readings),
      zones: zones.filter((zone) => zone.covers(readings) || zone.owns(readings)).map((zone) => zone.name),
    };
  };
}
