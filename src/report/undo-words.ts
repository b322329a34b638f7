/** What stands between here and a forge after an undo or a redo, in words, with what a person can type. */
import { undoStanding } from '../core/undo-standing.ts';
import type { UndoStanding } from '../core/undo-standing.ts';
import type { RunState } from '../core/state.ts';
import { prose } from './escape.ts';
import type { Tone } from './phrases.ts';
import { shortHashes } from './words.ts';

export interface StandingWords {
  /** A few words, for a table. */
  readonly brief: string;
  /** A sentence without its end. */
  readonly words: string;
  readonly command: string;
  readonly tone: Tone;
}

/** null where there is nothing to say. */
export function undoStandingWords(state: RunState): StandingWords | null {
  const standing = undoStanding(state);
  if (standing === null) return null;
  const undo = `loopwright undo ${state.runId}`;
  const republish = `loopwright land ${state.runId} --request --again`;
  const all: Readonly<Record<UndoStanding, StandingWords>> = {
    unfinished: {
      brief: 'undo not finished',
      words: 'taking it back was begun and not finished; nothing of it lands until then',
      command: undo,
      tone: 'wait',
    },
    'still-published': {
      brief: 'undone here, not on the forge',
      words: 'it was taken back here, and is still on the forge',
      command: undo,
      tone: 'wait',
    },
    withdrawn: {
      brief: 'back here, not on the forge',
      words: 'it was brought back here, and stays taken back on the forge until it is published once more',
      command: republish,
      tone: 'good',
    },
  };
  return all[standing];
}

/** What became of it, on one line of a terminal: branches and paths in it got their names from others. */
export function evidenceWords(evidence: string): string {
  return prose(shortHashes(evidence));
}
