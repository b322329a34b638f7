/** Where here and the forge do not say the same of a run that was taken back. Pure. */
import { isPublished } from './fold-publish.ts';
import type { RunState } from './state.ts';

/**
 * `unfinished`: taking it back was begun, and its end is not recorded. `still-published`: taken back here, and still on the forge.
 * `withdrawn`: brought back here, and not on the forge any more.
 */
export type UndoStanding = 'unfinished' | 'still-published' | 'withdrawn';

/** null where both say the same, or nothing was taken back. */
export function undoStanding({ undone, undoRequested, publication }: RunState): UndoStanding | null {
  const { withdrawing, withdrawn } = publication;
  if (undone !== null) return isPublished(publication) ? 'still-published' : null;
  if (undoRequested !== null || withdrawing !== null) return 'unfinished';
  if (withdrawn === null) return null;
  return withdrawn.broughtBack ? 'withdrawn' : 'unfinished';
}
