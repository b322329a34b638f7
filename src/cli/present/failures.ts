/** Short excerpts of red tests: enough to recognise the failure, never the whole output. */
import type { CheckResult, FailureNote } from '../../core/check.ts';
import { excerpt, visible } from '../../report/escape.ts';
import { count } from '../../report/words.ts';
import { fit, usableColumns } from './columns.ts';
import type { Page } from './facts.ts';

const MAX_FAILURES = 3;
const MAX_LINES = 2;
const INDENT = ' '.repeat(12);
/** How YAML begins a text of several lines: nothing a person needs in two lines. */
const BLOCK_MARK = /^[ \t]*[\w-]+: [|>][-+]?\n/gm;

/** A command that names no test begins its note with the summary, which stands one line above already. */
function messageBeyond(note: FailureNote, result: CheckResult): string {
  if (note.test !== result.checkId) return note.message;
  const [first, ...rest] = note.message.split('\n');
  return first === result.summary || first === `${result.summary}.` ? rest.join('\n') : note.message;
}

function failureLines(page: Page, note: FailureNote): readonly string[] {
  const { palette } = page;
  const room = usableColumns(page.columns) - INDENT.length - 2;
  const { lines } = excerpt(note.message.replace(BLOCK_MARK, ''), MAX_LINES, room);
  return [
    `${INDENT}${palette.red('x')} ${fit(visible(note.test), room)}`,
    ...lines.map((line) => `${INDENT}  ${palette.dim(fit(line.trim(), room))}`),
  ];
}

/** Newly failing tests come first: they are what the change broke. */
export function failureExcerpts(page: Page, result: CheckResult): readonly string[] {
  const broken = new Set(result.newlyFailing);
  const ordered = [
    ...result.failures.filter((note) => broken.has(note.test)),
    ...result.failures.filter((note) => !broken.has(note.test)),
  ];
  const shown = ordered
    .slice(0, MAX_FAILURES)
    .flatMap((note) => failureLines(page, { ...note, message: messageBeyond(note, result) }));
  const rest = Math.max(result.failed, ordered.length) - MAX_FAILURES;
  return rest > 0 ? [...shown, `${INDENT}  ${page.palette.dim(`and ${count(rest, 'more failure')}`)}`] : shown;
}
