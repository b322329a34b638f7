/** Why each part of the change is there: which iteration wrote it, and what turned green in that iteration. */
import { code, listed, paragraph, say } from '../document.ts';
import type { Block, Section, Words } from '../document.ts';
import { clip } from '../escape.ts';
import type { ReportModel } from '../report.ts';
import type { TracedHunk, TurnedIteration, Why } from '../why.ts';
import { count, integer, lines } from '../words.ts';

/** More rows help nobody; `diff --why` has the rest. */
const MAX_HUNKS = 200;
const MAX_TESTS = 5;
const MAX_NAME = 200;
const MAX_HEAD = 120;

function testWords(tests: readonly string[]): Words {
  const more = tests.length > MAX_TESTS ? [` and ${integer(tests.length - MAX_TESTS)} more`] : [];
  return [...listed(tests.slice(0, MAX_TESTS).map((test) => code(clip(test, MAX_NAME)))), ...more];
}

function turnedWords({ checks }: TurnedIteration): Words {
  if (checks === null) return ['no check ran'];
  const words = checks.flatMap(({ checkId, green, red }): Words[] => [
    ...(green.length === 0 ? [] : [say`${code(checkId)} turned green: ${testWords(green)}`]),
    ...(red.length === 0 ? [] : [say`${code(checkId)} turned red: ${testWords(red)}`]),
  ]);
  if (words.length === 0) return ['no check turned'];
  return words.flatMap((one, at): Words => (at === 0 ? one : ['; ', ...one]));
}

function turnedTable({ turned }: Why): Block {
  return {
    kind: 'table',
    caption: 'What turned in these iterations',
    columns: [{ title: 'Iteration', align: 'right' }, { title: 'Against the one before' }],
    rows: turned.map((one) => [[String(one.iteration)], turnedWords(one)]),
  };
}

function fromWords({ from }: TracedHunk): string {
  return from.join(', ');
}

function hunkRow(hunk: TracedHunk): readonly Words[] {
  const size = hunk.head === null ? 'no lines' : lines(hunk.addedLines, hunk.removedLines);
  const place = hunk.head === null ? ['the file itself'] : [code(clip(hunk.head, MAX_HEAD))];
  return [[code(hunk.path)], place, [size], [fromWords(hunk)]];
}

/** No chapter where nothing was changed. */
export function whyChapters({ why, change, summary }: ReportModel): readonly Section[] {
  if (change === null || change.fileCount === 0) return [];
  const head = { id: 'why', title: 'Why each part is there' };
  if (why === null || why.hunks.length === 0) {
    const reason = why === null ? 'is not in the record any more' : 'has no part that can be read';
    return [{ ...head, blocks: [paragraph([`Nobody can say: the diff ${reason}.`])] }];
  }
  const hidden = why.hunks.length - MAX_HUNKS;
  const hunks: Block = {
    kind: 'table',
    caption: 'Parts of the change',
    columns: [{ title: 'File' }, { title: 'Part' }, { title: 'Lines', align: 'right' }, { title: 'Iteration' }],
    rows: why.hunks.slice(0, MAX_HUNKS).map(hunkRow),
  };
  const intro = paragraph([
    'A line belongs to the iteration since which it is there without a break. An iteration is one turn of the agent, and its checks ran on everything that was there by then.',
  ]);
  const unread =
    why.unread.length === 0
      ? []
      : [
          paragraph([
            `The diff of ${count(why.unread.length, 'iteration')} is gone (${why.unread.join(', ')}): what was written there counts for a later one.`,
          ]),
        ];
  const more =
    hidden > 0 ? [paragraph(say`And ${integer(hidden)} more: ${code(`loopwright diff ${summary.id} --why`)}.`)] : [];
  return [{ ...head, blocks: [intro, hunks, ...more, turnedTable(why), ...unread] }];
}
