/** Who answers for a run, before it begins. */
import { LoopwrightError } from '../core/errors.ts';
import type { Owners } from '../core/owner.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { CodeOwners } from '../policy/owned-paths.ts';
import type { BaseReader } from '../ports/workspace.ts';

/**
 * null: nobody is named. Throws `LW_OWNER_MISSING` where somebody has to be: in a run that nobody watches, and in one whose
 * result lands by itself.
 */
export async function ownersOfRun(
  policy: ResolvedPolicy,
  known: { readonly codeOwners: CodeOwners | null; readonly base: BaseReader },
  unattended: boolean,
): Promise<Owners | null> {
  const { runOwners } = await import('../policy/run-owners.ts');
  const owners = await runOwners(policy, known.codeOwners, () => known.base.listFiles());
  const lands = policy.class.autonomy === 'land';
  if (owners !== null || !(unattended || lands)) return owners;
  const why = lands ? 'its result would land by itself (autonomy: land)' : 'it would run unattended';
  throw new LoopwrightError('LW_OWNER_MISSING', {
    message: `nobody is named who answers for this run, and ${why}`,
    next: 'Name somebody: `owner: "@team"` in loopwright.yaml, or CODEOWNERS for what the run may change; commit it.',
  });
}
