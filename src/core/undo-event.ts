/** Undo, and undo of undo. */

/** `drop`: nothing had landed. `branch-removed`: the landed branch is deleted. `reverted`: a revert commit was added. */
export type UndoMode = 'drop' | 'branch-removed' | 'reverted';

/** The opposite of each: the kept result is there again, the branch is, or a commit that reverts the revert was added. */
export type RedoMode = 'kept' | 'branch-restored' | 'reapplied';

export type UndoEvent =
  | { readonly type: 'undo.requested'; readonly mode: UndoMode }
  | {
      readonly type: 'undo.executed';
      readonly mode: UndoMode;
      readonly evidence: string;
      /** The commit that takes the change back; absent where none does, and in older logs. */
      readonly commit?: string;
    }
  | { readonly type: 'redo.requested'; readonly mode: RedoMode }
  | { readonly type: 'redo.executed'; readonly mode: RedoMode; readonly evidence: string };

export const UNDO_EVENT_MEANINGS: Readonly<Record<UndoEvent['type'], string>> = {
  'undo.requested': 'The change is about to be undone.',
  'undo.executed': 'The change was undone.',
  'redo.requested': 'The undo is about to be undone.',
  'redo.executed': 'The undo was undone: the change is where it was before.',
};
