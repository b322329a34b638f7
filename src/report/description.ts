/**
 * The description of a request, from evidence alone: what was asked, what changed, what was measured, what it costs to
 * review and to undo, and last what the agent said, struck out where nothing was seen of it. Pure.
 */
import { FILE_KINDS, fileKind } from '../core/landing/file-kind.ts';
import { approvalsChapter, undoChapter } from './chapters/people.ts';
import { spendChapter } from './chapters/boundaries.ts';
import { evidenceChapter } from './chapters/evidence.ts';
import { findingsChapter } from './chapters/iterations.ts';
import { reviewBlocks, wordBlocks } from './chapters/review.ts';
import { code, paragraph, say, sentence } from './document.ts';
import type { Block, Section } from './document.ts';
import { clip } from './escape.ts';
import { renderSection } from './markdown.ts';
import type { ReportModel } from './report.ts';
import { count, duration, integer, lines } from './words.ts';

/** Characters a description may have: GitHub's and GitLab's own ceilings. */
export const DESCRIPTION_CHARACTERS = { github: 65_536, gitlab: 1_048_576 } as const;

const MAX_GOAL = 2_000;
const MAX_PATHS = 8;
const MAX_HUNKS = 20;

function askedSection({ summary }: ReportModel): Section {
  const owner = summary.owner ?? 'nobody is named as owner';
  const facts = say`Class ${code(summary.class)}, agent ${code(summary.agent)}, run ${code(summary.id)}, started by ${summary.operator}; owner: ${owner}.`;
  return {
    id: 'asked',
    title: 'What was asked',
    blocks: [{ kind: 'quote', text: clip(summary.task, MAX_GOAL) }, paragraph(facts)],
  };
}

function kindRows({ change }: ReportModel): Block {
  const files = change?.files ?? [];
  const rows = FILE_KINDS.flatMap((kind) => {
    const own = files.filter(({ path }) => fileKind(path) === kind);
    if (own.length === 0) return [];
    const sum = (side: 'addedLines' | 'removedLines'): number => own.reduce((all, file) => all + (file[side] ?? 0), 0);
    const paths = own
      .slice(0, MAX_PATHS)
      .flatMap(({ path }, at) => (at === 0 ? [code(clip(path, 200))] : [', ', code(clip(path, 200))]));
    const more = own.length > MAX_PATHS ? [` and ${integer(own.length - MAX_PATHS)} more`] : [];
    return [[[kind], [...paths, ...more], [lines(sum('addedLines'), sum('removedLines'))]]];
  });
  const columns = [{ title: 'Kind' }, { title: 'Files' }, { title: 'Lines', align: 'right' as const }];
  return { kind: 'table', caption: 'What changed', columns, rows };
}

function changedSection(model: ReportModel): Section {
  const { change, why } = model;
  if (change === null) return { id: 'changed', title: 'What changed', blocks: [paragraph(['Nothing.'])] };
  const size = `${count(change.fileCount, 'file')}, ${lines(change.addedLines, change.removedLines)}`;
  const hunks = why?.hunks.slice(0, MAX_HUNKS) ?? [];
  const items = hunks.map(
    ({ path, head, from }) =>
      say`${code(clip(path, 200))} ${code(clip(head ?? 'the file itself', 120))} by iteration ${from.join(', ')}`,
  );
  const parts: Block = {
    kind: 'details',
    summary: ['Which iteration wrote which part'],
    blocks: [{ kind: 'list', items }],
  };
  return {
    id: 'changed',
    title: 'What changed',
    blocks: [paragraph([`${size}.`]), kindRows(model), ...(items.length === 0 ? [] : [parts])],
  };
}

function lookSection({ summary }: ReportModel): Section {
  const commands = [
    `loopwright show ${summary.id}`,
    `loopwright diff ${summary.id} --why`,
    `loopwright whodunit ${summary.branch}`,
  ];
  const where = 'On the host of the run; the whole record is there.';
  return {
    id: 'look',
    title: 'How to look',
    blocks: [paragraph([where]), { kind: 'code', language: 'sh', text: commands.join('\n') }],
  };
}

function reviewSection(model: ReportModel): Section {
  const time = `The run took ${duration(model.usage.wallTimeMs)} and ${count(model.summary.iterations, 'iteration')}.`;
  return { id: 'review', title: 'What it costs to review', blocks: [...reviewBlocks(model), paragraph([time])] };
}

function saidSection({ words }: ReportModel): Section {
  const none = [paragraph(['Nothing.'])];
  return { id: 'said', title: 'What the agent said', blocks: words.length === 0 ? none : wordBlocks(words) };
}

/** Only a person can sign off what they hand in. */
const SIGN_OFF: Section = {
  id: 'sign-off',
  title: 'Sign-off',
  blocks: [
    paragraph(
      sentence(
        'The commits of this repository are signed off. A person has to add theirs: `git commit --amend --no-edit --signoff`.',
      ),
    ),
  ],
};

/** In the order they are kept where not all fits; they are shown in the order of `place`. */
function sectionsOf(model: ReportModel, signOff: boolean): readonly (readonly [place: number, section: Section])[] {
  return [
    [0, askedSection(model)],
    [2, evidenceChapter(model)],
    [1, changedSection(model)],
    ...(signOff ? [[5, SIGN_OFF] as const] : []),
    [4, approvalsChapter(model)],
    [6, reviewSection(model)],
    [7, undoChapter(model)],
    [10, saidSection(model)],
    [3, findingsChapter(model)],
    [8, spendChapter(model)],
    [9, lookSection(model)],
  ];
}

/** At most `characters` long. What does not fit is left out by the section, and the text says so. */
export function describeRequest(
  model: ReportModel,
  { characters, signOff }: { readonly characters: number; readonly signOff: boolean },
): string {
  const footer = `Written by loopwright from its own measurements, run ${model.summary.id}.\n`;
  const left = '_Left out for length; `loopwright report` has it: _';
  let room = characters - footer.length - left.length;
  const kept: { readonly place: number; readonly text: string }[] = [];
  const dropped: string[] = [];
  for (const [place, section] of sectionsOf(model, signOff)) {
    const text = renderSection(section);
    if (text.length + section.title.length + 4 <= room) {
      kept.push({ place, text });
      room -= text.length + 2;
    } else {
      dropped.push(section.title);
      room -= section.title.length + 2;
    }
  }
  const shown = kept.toSorted((one, other) => one.place - other.place).map(({ text }) => text);
  const note =
    dropped.length === 0 ? [] : [`_Left out for length; \`loopwright report\` has it: ${dropped.join(', ')}_`];
  return [...shown, ...note, footer].join('\n\n').slice(0, characters);
}
