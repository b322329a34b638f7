/**
 * Reads the lines of a canonical diff (see `diff-text.ts`). Pure. The text is the agent's: only the counts in hunk headers say
 * where a hunk ends, so that no line of a file is taken for a header. What does not add up to git's own counts is incomplete.
 */
import type { DiffLine, FileDiff } from '../core/risk.ts';
import type { DiffEntry } from './diff-parser.ts';
import { decodeName } from './object-names.ts';

interface Lines {
  readonly added: DiffLine[];
  readonly removed: DiffLine[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** The name after `--- ` or `+++ `, as git quotes it; null for a file that is not on this side. */
function headerName(text: string): string | null {
  if (text === '/dev/null') return null;
  const quoted = text.startsWith('"');
  // A tab ends an unquoted name with a space in it.
  const bytes = quoted
    ? text
        .slice(1, text.lastIndexOf('"'))
        .replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string | undefined) =>
          octal === undefined ? (ESCAPES[letter ?? ''] ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
        )
    : text.replace(/\t$/, '');
  return decodeName(Buffer.from(bytes.slice(2), 'latin1')).path;
}

/** Where a hunk stands: the numbers of its next lines, and how many are still to come. */
interface Hunk {
  oldLine: number;
  oldLeft: number;
  newLine: number;
  newLeft: number;
}

function openHunk(line: string): Hunk | null {
  const match = HUNK.exec(line);
  if (match === null) return null;
  const [, oldLine, oldLeft = '1', newLine, newLeft = '1'] = match;
  return {
    oldLine: Number(oldLine),
    oldLeft: Number(oldLeft),
    newLine: Number(newLine),
    newLeft: Number(newLeft),
  };
}

/** false when the hunk is over and the line is none of its own. */
function takeLine(hunk: Hunk | null, line: string, into: Lines | null): boolean {
  if (hunk === null || (hunk.oldLeft <= 0 && hunk.newLeft <= 0)) return false;
  const kind = line[0];
  const text = (): string => Buffer.from(line.slice(1), 'latin1').toString('utf8');
  if (kind === '+' || kind === ' ') {
    if (kind === '+') into?.added.push({ line: hunk.newLine, text: text() });
    hunk.newLine += 1;
    hunk.newLeft -= 1;
  }
  if (kind === '-' || kind === ' ') {
    if (kind === '-') into?.removed.push({ line: hunk.oldLine, text: text() });
    hunk.oldLine += 1;
    hunk.oldLeft -= 1;
  }
  return true;
}

/** By path. Names and lines are bytes in `text`, and UTF-8 in the answer. */
function parseDiffLines(text: Uint8Array): ReadonlyMap<string, Lines> {
  const files = new Map<string, Lines>();
  let current: Lines | null = null;
  let hunk: Hunk | null = null;
  for (const line of Buffer.from(text).toString('latin1').split('\n')) {
    if (takeLine(hunk, line, current)) continue;
    hunk = openHunk(line);
    if (line.startsWith('diff --git ')) current = null;
    if (!line.startsWith('--- ') && !line.startsWith('+++ ')) continue;
    const name = headerName(line.slice(4));
    if (name === null) continue;
    current = files.get(name) ?? { added: [], removed: [] };
    files.set(name, current);
  }
  return files;
}

/** What was done to each changed file. `text`: the canonical diff, or its beginning. */
export function fileDiffs(entries: readonly DiffEntry[], text: Uint8Array): readonly FileDiff[] {
  const lines = parseDiffLines(text);
  return entries.map((entry): FileDiff => {
    const { path } = decodeName(entry.name);
    const own = lines.get(path);
    const renamed = entry.kind === 'renamed' && entry.previousName !== null;
    // The text knows no renames: the old file went, the new one came.
    const source = renamed && entry.previousName !== null ? lines.get(decodeName(entry.previousName).path) : undefined;
    const added = own?.added ?? [];
    const removed = source?.removed ?? own?.removed ?? [];
    return { path, added, removed, complete: isComplete(entry, added, removed) };
  });
}

/** Binary files have no lines; the detector `odd-tree` holds them. Of a rename or a copy, git counts only what is different. */
function isComplete(entry: DiffEntry, added: readonly DiffLine[], removed: readonly DiffLine[]): boolean {
  const { addedLines, removedLines } = entry;
  if (addedLines === null || removedLines === null) return true;
  if (entry.kind === 'copied') return added.length >= addedLines;
  if (entry.kind === 'renamed') return added.length - removed.length === addedLines - removedLines;
  return added.length === addedLines && removed.length === removedLines;
}
