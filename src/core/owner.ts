/** Who answers for what a run does. */

/** As found before the run began. */
export interface Owners {
  readonly names: readonly string[];
  /** `policy`: the key `owner`. `codeowners`: who owns what the run may change, by CODEOWNERS of the base revision. */
  readonly by: 'policy' | 'codeowners';
}

/** What the run was started with; logs from before that have the owner of their policy, or nobody. */
export function ownersOf(run: {
  readonly owners: Owners | null;
  readonly policy: { readonly owner: string | null };
}): readonly string[] {
  if (run.owners !== null) return run.owners.names;
  return run.policy.owner === null ? [] : [run.policy.owner];
}
