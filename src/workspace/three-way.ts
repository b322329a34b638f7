/** Merges three trees in the mirror, without a work tree, and says where they do not fit. */
import type { Git } from './git.ts';
import { mergeTree } from './merge-tree.ts';
import type { Mirror } from './mirror.ts';
import { decodeName } from './object-names.ts';
import { writeCommit } from './own-commit.ts';

/** Commits, or anything else that names a tree. */
export interface ThreeWay {
  readonly from: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Clash {
  readonly path: string;
  /** Lines on our side, from 1; null where the file as a whole does not fit. */
  readonly lines: readonly (readonly [first: number, last: number])[] | null;
}

export type Merged =
  | { readonly tree: string; readonly clashes: null }
  | { readonly tree: null; readonly clashes: readonly Clash[] };

/** A person reads these; the rest is counted. */
const MAX_CLASHES = 20;

/**
 * git merges commits: three are made for it, of which nothing keeps hold. (`merge-tree --merge-base` came with git 2.40.)
 */
export async function mergeThreeWay(git: Git, mirror: Mirror, { from, ours, theirs }: ThreeWay): Promise<Merged> {
  const side = (treeish: string, ...parents: readonly string[]): Promise<string> =>
    writeCommit(git, mirror, { tree: `${treeish}^{tree}`, parents, message: 'a side\n', seconds: 0 });
  const root = await side(from);
  const [left, right] = await Promise.all([side(ours, root), side(theirs, root)]);
  const { tree, conflicts } = await mergeTree(git, mirror, left, right);
  if (conflicts.length === 0) return { tree, clashes: null };
  const shown = conflicts.slice(0, MAX_CLASHES);
  const clashes = await Promise.all(shown.map((name) => clashOf(git, mirror.gitDir, { name, tree, ours })));
  const more = conflicts.length - shown.length;
  return { tree: null, clashes: more > 0 ? [...clashes, { path: `${more} more`, lines: null }] : clashes };
}

async function clashOf(
  git: Git,
  gitDir: string,
  { name, tree, ours }: { readonly name: Buffer; readonly tree: string; readonly ours: string },
): Promise<Clash> {
  const { path, pathBytes } = decodeName(name);
  if (pathBytes !== undefined) return { path, lines: null };
  const read = async (treeish: string): Promise<string | null> => {
    const answer = await git.run({ args: ['cat-file', 'blob', `${treeish}:${path}`], gitDir, answers: [128] });
    return answer.code === 0 ? answer.stdout.toString('latin1') : null;
  };
  const [merged, own] = await Promise.all([read(tree), read(ours)]);
  return { path, lines: merged === null || own === null ? null : clashingLines(merged, own) };
}

/**
 * Where the parts between conflict markers stand in our side. Each is looked for after the one before it; an empty part is
 * where the line before it ends. null where there are no markers: the file as a whole does not fit.
 */
export function clashingLines(merged: string, own: string): readonly (readonly [number, number])[] | null {
  const ours = own.split('\n');
  const found: (readonly [number, number])[] = [];
  let at = 0;
  let part: string[] | null = null;
  let before = '';
  for (const line of merged.split('\n')) {
    if (line.startsWith('<<<<<<< ') && part === null) part = [];
    else if (part !== null && (line === '=======' || line.startsWith('||||||| '))) {
      const start = part.length === 0 ? ours.indexOf(before, at) + 1 : indexOfAll(ours, part, at);
      if (start >= 0) {
        found.push([start + 1, start + Math.max(1, part.length)]);
        at = start + part.length;
      }
      part = null;
    } else if (part !== null) part.push(line);
    else before = line;
  }
  return found.length === 0 ? null : found;
}

function indexOfAll(lines: readonly string[], part: readonly string[], from: number): number {
  for (let at = from; at + part.length <= lines.length; at += 1) {
    if (part.every((line, offset) => lines[at + offset] === line)) return at;
  }
  return -1;
}

/** `src/a.txt (lines 4-6), b.txt` */
export function clashWords(clashes: readonly Clash[]): string {
  return clashes
    .map(({ path, lines }) => {
      if (lines === null) return path;
      const parts = lines.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
      return `${path} (line${parts.length === 1 && !parts[0]?.includes('-') ? '' : 's'} ${parts.join(', ')})`;
    })
    .join(', ');
}
