/** What CODEOWNERS says, and the paths of an owner. Light to import: the globs are compiled where they are used. */

export interface OwnerRule {
  readonly line: number;
  readonly pattern: string;
  /** The same as globs of this policy. */
  readonly globs: readonly string[];
  /** As written, without repetition; empty: the paths have no owner. */
  readonly owners: readonly string[];
}

export interface CodeOwnersProblem {
  readonly line: number;
  readonly message: string;
}

export interface CodeOwners {
  /** As shown in messages: `.github/CODEOWNERS`. */
  readonly fileName: string;
  readonly rules: readonly OwnerRule[];
  readonly problems: readonly CodeOwnersProblem[];
}

/** Globs of all that these own, in order: the last match wins, as in `globs.ts`. Names of owners fold case. */
export function ownedGlobs(file: CodeOwners, owners: readonly string[]): readonly string[] {
  const wanted = new Set(owners.map((owner) => owner.toLowerCase()));
  const list = file.rules.flatMap((rule) => {
    const theirs = rule.owners.some((owner) => wanted.has(owner.toLowerCase()));
    return rule.globs.map((glob) => (theirs ? glob : `!${glob}`));
  });
  return list.some((glob) => !glob.startsWith('!')) ? list : [];
}
