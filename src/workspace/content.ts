/** What the files of a change hold, out of the mirror. Sizes are asked for before anything is unpacked. */
import type { FileDiff } from '../core/risk.ts';
import type { ChangeContent, ChangedContent, WholeTree } from '../ports/content.ts';
import { listTree } from './base-reader.ts';
import { readBlobs, readPaths } from './blobs.ts';
import type { DiffEntry } from './diff-parser.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { decodeName } from './object-names.ts';

const MAX_WORDS = 200;
/** In one file; a word that first stands after that many lines with others is not seen there. */
const MAX_MATCHING_LINES = 10_000;

const REGULAR: ReadonlySet<string> = new Set(['100644', '100755']);

export interface Compared {
  readonly mirror: Mirror;
  /** Commit or tree. */
  readonly base: string;
  readonly head: string;
  readonly entries: readonly DiffEntry[];
  /** In the order of `entries`. */
  readonly diffs: readonly FileDiff[];
}

/** Rejects only where git does. */
export async function changeContent(git: Git, compared: Compared): Promise<ChangeContent> {
  const { mirror, base, head, entries, diffs } = compared;
  const read = await readBlobs(git, mirror, entries.flatMap(sides));
  const files = entries.map((entry, index): ChangedContent => {
    const diff = diffs[index];
    const { path } = decodeName(entry.name);
    return {
      path,
      previousPath: entry.previousName === null ? null : decodeName(entry.previousName).path,
      kind: entry.kind,
      before: REGULAR.has(entry.oldMode) ? (read.get(entry.oldId) ?? null) : null,
      after: REGULAR.has(entry.newMode) ? (read.get(entry.newId) ?? null) : null,
      added: diff?.added ?? [],
      removed: diff?.removed ?? [],
      complete: diff?.complete ?? false,
    };
  });
  return { files, base: wholeTree(git, mirror, base), head: wholeTree(git, mirror, head) };
}

function sides({ oldMode, oldId, newMode, newId }: DiffEntry): readonly string[] {
  return [...(REGULAR.has(oldMode) ? [oldId] : []), ...(REGULAR.has(newMode) ? [newId] : [])];
}

function wholeTree(git: Git, mirror: Mirror, revision: string): WholeTree {
  let listing: Promise<ReadonlyMap<string, string>> | null = null;
  // Listed once, when somebody first asks: path to the id of its content.
  async function list(): Promise<ReadonlyMap<string, string>> {
    const entries = await listTree(git, mirror, revision);
    return new Map(entries.filter(({ mode }) => REGULAR.has(mode)).map(({ name, id }) => [decodeName(name).path, id]));
  }
  const listed = (): Promise<ReadonlyMap<string, string>> => (listing ??= list());
  return {
    paths: async () => [...(await listed()).keys()],
    read: async (path, mostBytes) => {
      const id = (await listed()).get(path);
      return id === undefined ? null : ((await readBlobs(git, mirror, [id], mostBytes)).get(id)?.content ?? null);
    },
    readAll: async (paths) => readPaths(git, mirror, await listed(), paths),
    mentions: (words) => mentionsOf(git, mirror, revision, words),
  };
}

async function mentionsOf(
  git: Git,
  mirror: Mirror,
  revision: string,
  words: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = [...new Set(words)].filter((word) => /^[\w$]+$/.test(word)).slice(0, MAX_WORDS);
  const found = new Map(asked.map((word) => [word, new Set<string>()]));
  if (asked.length > 0) {
    // One pass over the tree for all words: each match is printed, after its file.
    const args = [
      'grep',
      '-I',
      '-w',
      '-F',
      '-o',
      '-z',
      '--no-color',
      '--no-textconv',
      '-m',
      String(MAX_MATCHING_LINES),
    ];
    const wanted = [...args, ...asked.flatMap((word) => ['-e', word]), revision, '--'];
    const { stdout } = await git.run({ args: wanted, gitDir: mirror.gitDir, answers: [1] });
    for (const { name, match } of parseMatches(stdout, revision)) found.get(match)?.add(name);
  }
  return new Map([...found].map(([word, paths]) => [word, [...paths]]));
}

/** `<revision>:<name>\0<match>\n`, again and again; a name can hold a line break. */
function parseMatches(output: Buffer, revision: string): readonly { readonly name: string; readonly match: string }[] {
  const found: { readonly name: string; readonly match: string }[] = [];
  let at = 0;
  while (at < output.length) {
    const nul = output.indexOf(0, at);
    if (nul < 0) break;
    const end = output.indexOf(0x0a, nul);
    const name = decodeName(output.subarray(at + revision.length + 1, nul)).path;
    found.push({ name, match: output.subarray(nul + 1, end < 0 ? output.length : end).toString('latin1') });
    if (end < 0) break;
    at = end + 1;
  }
  return found;
}
