/** What became of a landed change on its branch: still in effect, taken back by whom, or gone with a rewritten history. */
import { shellWord } from '../core/shell-word.ts';
import { LoopwrightError } from '../core/errors.ts';
import { standingOf, type LaterCommit } from '../core/reverts.ts';
import type { Git } from './git.ts';
import { isAncestor } from './landing.ts';
import type { Mirror } from './mirror.ts';
import { laterCommits } from './patches.ts';
import { mergeThreeWay } from './three-way.ts';

export interface Landed {
  readonly runId: string;
  readonly base: string;
  readonly head: string;
  readonly branch: string;
  /** Where the branch is, in the mirror. */
  readonly tip: string;
}

export type Fate =
  /** `by`: the newest commit that brought it back; null: nobody took it back. */
  | { readonly kind: 'in-effect'; readonly by: LaterCommit | null }
  | { readonly kind: 'taken-back'; readonly by: LaterCommit }
  /** The branch was put back to before it, or rewritten without it. */
  | { readonly kind: 'gone' };

/** Rejects with `LW_BRANCH_EXISTS` when the branch was rewritten and what is there of the change cannot be told. */
export async function fateOf(git: Git, mirror: Mirror, landed: Landed): Promise<Fate> {
  const { base, head, tip } = landed;
  if (await isAncestor(git, mirror, head, tip)) {
    const { inEffect, by } = standingOf(head, await laterCommits(git, mirror, { base, head, since: head, tip }));
    if (inEffect || by === null) return { kind: 'in-effect', by };
    return { kind: 'taken-back', by };
  }
  if (await isAncestor(git, mirror, tip, head)) return { kind: 'gone' };
  const { inEffect, by } = standingOf(head, await laterCommits(git, mirror, { base, head, since: base, tip }));
  if (by !== null && !inEffect) return { kind: 'gone' };
  const { tree } = await mergeThreeWay(git, mirror, { from: head, ours: tip, theirs: base });
  const there = await git.line({ args: ['rev-parse', '--verify', `${tip}^{tree}`], gitDir: mirror.gitDir });
  if (by === null && tree === there) return { kind: 'gone' };
  throw rewritten(landed, by?.commit ?? null);
}

function rewritten({ branch, head, tip, runId }: Landed, copy: string | null): LoopwrightError {
  const message = `the branch ${branch} was rewritten: it is at ${tip} and does not contain ${head}, which landed there`;
  const found = copy === null ? 'and some of its lines are still there' : `but it has the same change as ${copy}`;
  return new LoopwrightError('LW_BRANCH_EXISTS', {
    message: `${message}, ${found}. Nothing was changed`,
    next:
      copy === null
        ? `Compare with \`loopwright diff ${runId}\` and take back by hand what is left of it on ${branch}.`
        : `Revert that one by hand: \`git switch ${shellWord(branch)} && git revert --no-edit ${copy}\`. Then \`loopwright undo ${runId}\` records it.`,
    details: { branch, commit: head, tip, copy },
  });
}
