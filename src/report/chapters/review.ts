/** What it costs to review the change, how it could be split, and what the agent said of it, sentence by sentence. */
import type { ClaimProof } from '../../core/landing/claim-rules.ts';
import type { ReadSentence } from '../../core/landing/claim-reader.ts';
import { reviewWords } from '../../core/landing/review-cost.ts';
import type { Slice } from '../../core/landing/slices.ts';
import { badge, code, listed, paragraph, say, strong, struck } from '../document.ts';
import type { Block, Section, Words } from '../document.ts';
import { clip } from '../escape.ts';
import type { ReportModel } from '../report.ts';
import { count, some } from '../words.ts';

const MAX_SLICES = 20;
const MAX_FILES = 8;
const MAX_SENTENCES = 40;
const MAX_SENTENCE = 300;
const MAX_SEEN = 200;

function sliceRow({ name, files, minutes, notAlone }: Slice): readonly Words[] {
  const shown = listed(files.slice(0, MAX_FILES).map((path) => code(clip(path, MAX_SEEN))));
  const more = files.length > MAX_FILES ? [` and ${files.length - MAX_FILES} more`] : [];
  return [[code(name)], [...shown, ...more], [String(minutes)], [notAlone.length === 0 ? '' : notAlone.join('; ')]];
}

/** Empty where there is no change. */
export function reviewBlocks({ review }: ReportModel): readonly Block[] {
  if (review === null || review.minutes === 0) return [];
  const { minutes, limit, slices } = review;
  const cost = paragraph([`It takes ${reviewWords(minutes)}.`]);
  if (slices.length === 0) return [cost];
  const table: Block = {
    kind: 'table',
    caption: 'A proposal how to split it',
    columns: [
      { title: 'Slice' },
      { title: 'Files' },
      { title: 'Minutes', align: 'right' },
      { title: 'Not alone, because' },
    ],
    rows: slices.slice(0, MAX_SLICES).map(sliceRow),
  };
  const left =
    slices.length > MAX_SLICES ? [paragraph([`And ${count(slices.length - MAX_SLICES, 'more slice')}.`])] : [];
  const by = 'By path only: no slice was built or tested by itself.';
  const words = say`${strong('Too large to review at once')}: more than ${String(limit)} minutes. ${by}`;
  return [cost, { kind: 'callout', tone: 'wait', words }, ...(slices.length > 1 ? [table, ...left] : [])];
}

export function reviewChapters(model: ReportModel): readonly Section[] {
  const blocks = reviewBlocks(model);
  return blocks.length === 0 ? [] : [{ id: 'review', title: 'What it costs to review', blocks }];
}

/** What is said of every claim, whole or by the sentence. */
export const PROOFS: Readonly<Record<ClaimProof, Words>> = {
  proven: [badge('measured', 'good')],
  contradicted: [badge('contradicted', 'bad')],
  unproven: [badge('not seen', 'quiet')],
};

function sentenceWords({ text, proof, seen }: ReadSentence): Words {
  const shown = clip(text.replace(/^[-*+>#\s]+/, ''), MAX_SENTENCE);
  if (proof === null) return [shown];
  const said = proof === 'proven' ? shown : struck(shown);
  return say`${said} ${PROOFS[proof]} ${clip(some(seen, 3), MAX_SEEN)}`;
}

/** Nothing where nothing was said. */
export function wordBlocks(words: ReportModel['words']): readonly Block[] {
  if (words.length === 0) return [];
  const left =
    words.length > MAX_SENTENCES ? [paragraph([`And ${count(words.length - MAX_SENTENCES, 'more sentence')}.`])] : [];
  const intro =
    'Sentence by sentence, as far as something measured speaks to it. What is struck out was not seen, or is not so; what has no mark was not looked at.';
  return [paragraph([intro]), { kind: 'list', items: words.slice(0, MAX_SENTENCES).map(sentenceWords) }, ...left];
}
