/** The markers git writes around a conflict. One alone can be a heading or an ASCII drawing; a beginning and an end are not. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, ContentReader } from '../../ports/content.ts';

const BEGINNING = /^<{7} \S/;
const END = /^>{7} \S/;

function leftoverOf({ path, added }: ChangedContent): readonly ContentSighting[] {
  const first = added.find(({ text }) => BEGINNING.test(text));
  if (first === undefined || !added.some(({ line, text }) => line > first.line && END.test(text))) return [];
  const message = 'begins a conflict of a merge that nobody settled';
  return [{ detector: 'merge-leftovers', path, side: 'added', line: first.line, message }];
}

export const readMergeLeftovers: ContentReader = (change) => Promise.resolve(change.files.flatMap(leftoverOf));
