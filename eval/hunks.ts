/** A part of a fix: some hunks of its diff, put onto the base. */

export interface Hunk {
  readonly path: string;
  /** First line of the base it replaces, counted from 1; 0 where the base has none. */
  readonly start: number;
  readonly removed: number;
  /** What stands there instead, with the lines of context. */
  readonly added: readonly string[];
}

const HEAD = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Reads the hunks of a unified diff, in the order of the diff; binary files have none. */
export function readHunks(diff: string): readonly Hunk[] {
  const hunks: { path: string; start: number; removed: number; added: string[] }[] = [];
  let [path, left, right] = ['', 0, 0];
  for (const line of diff.split('\n')) {
    const hunk = hunks.at(-1);
    const head = HEAD.exec(line);
    if (head !== null && left === 0 && right === 0) {
      left = Number(head[2] ?? 1);
      right = Number(head[4] ?? 1);
      hunks.push({ path, start: Number(head[1]), removed: left, added: [] });
    } else if (hunk !== undefined && (left > 0 || right > 0)) {
      const sign = line[0] ?? ' ';
      if (sign === '\\') continue;
      if (sign !== '+') left -= 1;
      if (sign !== '-') {
        right -= 1;
        hunk.added.push(line.slice(1));
      }
    } else if (line.startsWith('--- a/')) path = line.slice('--- a/'.length);
    else if (line.startsWith('+++ b/')) path = line.slice('+++ b/'.length);
  }
  return hunks;
}

/** The text of a file with some hunks of it, ended by a line end. `base` is null where the base has no such file. */
export function withHunks(base: string | null, hunks: readonly Hunk[]): string | null {
  if (hunks.length === 0) return base;
  const lines = (base ?? '').split('\n');
  if (base === null || base.endsWith('\n') || base === '') lines.pop();
  // From the last to the first, so that the numbers of the others stay true.
  for (const { start, removed, added } of hunks.toSorted((a, b) => b.start - a.start)) {
    lines.splice(removed === 0 ? start : start - 1, removed, ...added);
  }
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}
