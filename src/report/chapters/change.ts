/** What changed: files with their size and flags, and the diff. */
import type { Change, ChangedFile, FileMode } from '../../core/change.ts';
import { badge, code, paragraph, say, strong } from '../document.ts';
import type { Block, Inline, Section, Words } from '../document.ts';
import type { ReportModel } from '../report.ts';
import { count, integer, lines } from '../words.ts';

/** More rows help nobody; the diff and git have the rest. */
const MAX_FILES = 200;
const MAX_ODDITIES = 20;

const UNUSUAL_MODES: Partial<Record<FileMode, string>> = {
  '100755': 'now executable',
  '120000': 'now a symbolic link',
  '160000': 'now a submodule',
};

function modeFlag(file: ChangedFile): readonly Inline[] {
  const words = UNUSUAL_MODES[file.newMode];
  return file.newMode === file.oldMode || words === undefined ? [] : [badge(words, 'wait')];
}

function flags(file: ChangedFile): Words {
  const found: readonly Inline[] = [
    ...(file.protected ? [badge('protected', 'bad')] : []),
    ...(file.inScope ? [] : [badge('out of scope', 'bad')]),
    ...file.zones.map((zone) => badge(`risk zone ${zone}`, 'wait')),
    ...modeFlag(file),
  ];
  return found.flatMap((flag, index): Words => (index === 0 ? [flag] : [' ', flag]));
}

function nameOf(file: ChangedFile): Words {
  return file.previousPath === undefined ? [code(file.path)] : say`${code(file.path)} (was ${code(file.previousPath)})`;
}

function sizeOf(file: ChangedFile): string {
  return file.addedLines === null || file.removedLines === null ? 'binary' : lines(file.addedLines, file.removedLines);
}

function fileTable(change: Change): Block {
  return {
    kind: 'table',
    caption: 'Changed files',
    columns: [{ title: 'File' }, { title: 'What' }, { title: 'Lines', align: 'right' }, { title: 'Flags' }],
    rows: change.files.slice(0, MAX_FILES).map((file) => [nameOf(file), [file.kind], [sizeOf(file)], flags(file)]),
  };
}

function oddities(change: Change): readonly Block[] {
  if (change.oddities.length === 0) return [];
  const more = change.oddities.length - MAX_ODDITIES;
  return [
    {
      kind: 'callout',
      tone: 'wait',
      words: ['The agent left things a commit cannot hold. They are not part of the change:'],
    },
    { kind: 'list', items: change.oddities.slice(0, MAX_ODDITIES).map((oddity): Words => [code(oddity)]) },
    ...(more > 0 ? [paragraph([`And ${integer(more)} more.`])] : []),
  ];
}

function diffBlocks(diff: string | null, change: Change): readonly Block[] {
  if (diff === null) {
    return [paragraph(say`The text of the diff is not in the record any more; its hash is ${code(change.diffHash)}.`)];
  }
  return [{ kind: 'diff', text: diff }];
}

export function changeChapter({ change, diff, judged, summary }: ReportModel): Section {
  const head = { id: 'change', title: 'What changed' };
  if (change === null)
    return { ...head, blocks: [paragraph(['Nothing: the run ended before the agent changed anything.'])] };
  if (change.fileCount === 0) {
    return {
      ...head,
      blocks: [paragraph([`Nothing: iteration ${change.iteration} left the tree as it was on the base.`])],
    };
  }
  const size = `${count(change.fileCount, 'file')}, ${lines(change.addedLines, change.removedLines)}`;
  const intro = say`${strong(size)} against the base, by iteration ${String(change.iteration)}, kept as commit ${code(change.checkpoint)}.`;
  const unjudged: Block = {
    kind: 'callout',
    tone: 'wait',
    words: ['This newest change was never judged; the checks below are about an earlier one, or about the base.'],
  };
  const hidden = change.fileCount - Math.min(change.files.length, MAX_FILES);
  return {
    ...head,
    blocks: [
      paragraph(intro),
      ...(judged === change.iteration ? [] : [unjudged]),
      fileTable(change),
      ...(hidden > 0 ? [paragraph(say`And ${integer(hidden)} more: ${code(`loopwright diff ${summary.id}`)}.`)] : []),
      ...oddities(change),
      ...diffBlocks(diff, change),
    ],
  };
}
