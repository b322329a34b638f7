/** Reads a unified diff as git writes it, for display only: nothing is ever applied from what this returns. */
import { visibleLine } from './escape.ts';

interface DiffLine {
  readonly kind: 'added' | 'removed' | 'context' | 'hunk' | 'header';
  /** Neutralised. */
  readonly text: string;
}

export interface DiffFile {
  /** As the diff names it. */
  readonly name: string;
  readonly lines: readonly DiffLine[];
  readonly addedLines: number;
  readonly removedLines: number;
}

const FILE_START = 'diff --git ';

function kindOf(line: string, inHunk: boolean): DiffLine['kind'] {
  if (line.startsWith('@@')) return 'hunk';
  // Before the first hunk `+++` and `---` are headers; inside one they are content.
  if (!inHunk) return 'header';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'context';
}

function nameOf(headers: readonly string[], first: string): string {
  const named = (prefix: string): string | undefined =>
    headers.find((line) => line.startsWith(prefix) && !line.endsWith('/dev/null'))?.slice(prefix.length);
  return named('+++ b/') ?? named('--- a/') ?? named('rename to ') ?? first.slice(FILE_START.length);
}

function readFile(raw: readonly string[]): DiffFile {
  const lines: DiffLine[] = [];
  let inHunk = false;
  for (const line of raw) {
    const kind = kindOf(line, inHunk);
    inHunk ||= kind === 'hunk';
    lines.push({ kind, text: visibleLine(line) });
  }
  const headers = raw.slice(
    0,
    Math.max(
      0,
      lines.findIndex(({ kind }) => kind === 'hunk'),
    ),
  );
  return {
    name: visibleLine(nameOf(headers.length === 0 ? raw : headers, raw[0] ?? '')),
    lines,
    addedLines: lines.filter(({ kind }) => kind === 'added').length,
    removedLines: lines.filter(({ kind }) => kind === 'removed').length,
  };
}

/** Text before the first file is left out. Content lines begin with a sign, so none can look like the start of a file. */
export function readDiff(text: string): readonly DiffFile[] {
  const files: string[][] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith(FILE_START)) files.push([line]);
    else files.at(-1)?.push(line);
  }
  return files.map(readFile);
}
