/** Ordered reversal steps, written before the change is offered and executed once in a scratch copy. */
import type { MigrationsReturned } from './migration.ts';
import type { BaseRevision } from './task.ts';

/** What a person without loopwright can type, and why. */
export interface UndoStep {
  readonly when: 'before-landing' | 'after-landing' | 'after-undo';
  readonly what: string;
  /** Plain git, to be run in the user's repository. */
  readonly command: string;
}

export interface UndoPlan {
  readonly branch: string;
  readonly base: string;
  readonly head: string;
  readonly steps: readonly UndoStep[];
}

/** What the rehearsal in a scratch copy showed. */
export interface UndoRehearsal {
  readonly worked: boolean;
  /** Tree after landing and reverting: that of the base, or one of which the base's checks say the same. */
  readonly tree: string;
  readonly evidence: string;
  /** Whether the way down brought the schema back on a disposable database; absent: there is no migration. */
  readonly migrations?: MigrationsReturned;
  /** Commit with that tree in the mirror; only where it is another tree than the base's. */
  readonly commit?: string;
}

export function runBranch(runId: string): string {
  return `loopwright/${runId}`;
}

export function planUndo(runId: string, base: BaseRevision, head: string): UndoPlan {
  const branch = runBranch(runId);
  return {
    branch,
    base: base.commit,
    head,
    steps: [
      {
        when: 'before-landing',
        what: 'Nothing of your repository has changed yet; drop the kept result.',
        command: `loopwright undo ${runId}`,
      },
      {
        when: 'after-landing',
        what: `While nothing was built on ${branch}: delete the branch.`,
        command: `git branch -D ${branch}`,
      },
      {
        when: 'after-landing',
        what: 'Once the change is part of another branch: revert its one commit there.',
        command: `git revert --no-edit ${head}`,
      },
    ],
  };
}
