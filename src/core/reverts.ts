/** Whether a change still has an effect where it landed, after reverts, reverts of reverts, and what people did by hand. */

/** A commit on top of a change. */
export interface LaterCommit {
  readonly commit: string;
  /** What its message says it reverts, whole ids or beginnings of them. */
  readonly reverts: readonly string[];
  /** Its lines are those of the change again, or exactly their opposite; null for any other. */
  readonly patch: 'same' | 'opposite' | null;
}

export interface Standing {
  readonly inEffect: boolean;
  /** The commit that decided: the newest one that took it back or brought it back. null: nobody did either. */
  readonly by: LaterCommit | null;
}

/** git writes this line (builtin/revert.c, sequencer.c), and so does an undo. Seven digits is the shortest git shows. */
const SAYS = /\bThis reverts commit ([0-9a-f]{7,64})\b/g;

/** The commits a message says it reverts. */
export function revertedIn(message: string): readonly string[] {
  return [...message.matchAll(SAYS)].map(([, id = '']) => id);
}

/**
 * From the newest commit back: one that was itself reverted says nothing, and the first other one that speaks of the
 * change decides. `later`: newest first.
 */
export function standingOf(change: string, later: readonly LaterCommit[]): Standing {
  const dead: string[] = [];
  const isDead = (commit: string): boolean => dead.some((id) => commit.startsWith(id));
  for (const by of later) {
    if (isDead(by.commit)) continue;
    const takesBack = by.patch === 'opposite' || by.reverts.some((id) => change.startsWith(id));
    if (takesBack) return { inEffect: false, by };
    if (by.patch === 'same') return { inEffect: true, by };
    dead.push(...by.reverts);
  }
  // Brought back by reverting what took it back: the newest commit that did so is where it counts from.
  const by = later.find(({ commit, reverts }) => !isDead(commit) && reverts.some((id) => tookBack(change, id, later)));
  return { inEffect: true, by: by ?? null };
}

function tookBack(change: string, id: string, later: readonly LaterCommit[]): boolean {
  return later.some(
    ({ commit, reverts, patch }) =>
      commit.startsWith(id) && (patch === 'opposite' || reverts.some((one) => change.startsWith(one))),
  );
}
