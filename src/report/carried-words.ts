/** What a turn was told of the turns before it, in words. May hold text from outside: neutralise it before showing it. */
import type { Carried, CarriedNote, DroppedNote } from '../core/carried.ts';
import { count } from './words.ts';

/** `carries 3 notes, drops 1`. */
export function carriedWords({ notes, dropped }: Carried): string {
  return `carries ${count(notes.length, 'note')}${dropped.length === 0 ? '' : `, drops ${dropped.length}`}`;
}

/** Where a note comes from: `test, iteration 2`. */
export function sourceWords({ iteration, source }: CarriedNote): string {
  return `${source}, ${iteration === 0 ? 'base' : `iteration ${iteration}`}`;
}

export function noteWords(note: CarriedNote): string {
  return `${note.text} (${sourceWords(note)})`;
}

export function droppedWords({ note, reason }: DroppedNote): string {
  return `not told any more: ${note.text}: ${reason}`;
}
