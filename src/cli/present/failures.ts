/** Short excerpts of red tests: enough to recognise the failure, never the whole output. */
import type { CheckResult, FailureNote } from '../../core/check.ts';
import { excerpt, visible } from '../../report/escape.ts';
import { count } from '../../report/words.ts';
import { fit, usableColumns } from './columns.ts';
import type { Page } from './facts.ts';

const MAX_FAILURES = 3;
const MAX_LINES = 2;
const INDENT = ' '.repeat(12);

function failureLines(page: Page, note: FailureNote): readonly string[] {
  const { palette } = page;
  const room = usableColumns(page.columns) - INDENT.length - 2;
  const { lines } = excerpt(note.message, MAX_LINES, room);
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
  const shown = ordered.slice(0, MAX_FAILURES).flatMap((note) => failureLines(page, note));
  const rest = Math.max(result.failed, ordered.length) - MAX_FAILURES;
  return rest > 0 ? [...shown, `${INDENT}  ${page.palette.dim(`and ${count(rest, 'more failure')}`)}`] : shown;
}
