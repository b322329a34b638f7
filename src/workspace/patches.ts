/** What commits do to the files of a change, compared line by line: how a change is known again under another id. */
import { createHash } from 'node:crypto';
import { revertedIn, type LaterCommit } from '../core/reverts.ts';
import { beginningOf } from './beginning.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { isObjectId, splitNul } from './object-names.ts';

/** Commits on top of a change that are looked at: a branch has moved on for months then, and a person decides. */
const MAX_LATER = 5_000;
/** Commits whose lines are compared. */
const MAX_COMPARED = 200;
/** Beyond this a change is not looked for by its lines, bytes. */
const MAX_PATCH_BYTES = 64 * 1024 * 1024;
/** More paths than this are not given to git in words: every commit is compared then. */
const MAX_PATHS = 200;

export interface Range {
  readonly base: string;
  readonly head: string;
  /** Commits that are not looked at: what these are, and everything before. */
  readonly since: string;
  readonly tip: string;
}

/** Commits after `since` up to the tip, newest first, with what each says and does about the change. */
export async function laterCommits(git: Git, mirror: Mirror, range: Range): Promise<readonly LaterCommit[]> {
  const { gitDir } = mirror;
  const { since, tip } = range;
  if (since === tip) return [];
  const args = ['log', '--topo-order', '-z', `--max-count=${MAX_LATER}`, '--format=%H%n%B', `${since}..${tip}`, '--'];
  const said = splitNul((await git.run({ args, gitDir })).stdout).map(String);
  const patches = await patchesOf(git, mirror, range);
  return said.map((text) => {
    const end = text.indexOf('\n');
    const commit = end < 0 ? text : text.slice(0, end);
    return { commit, reverts: revertedIn(text), patch: patches.get(commit) ?? null };
  });
}

/** Not `git patch-id`: it looks past white space, and a change may be nothing else. */
const DIFF = ['-p', '-r', '--full-index', '--binary', '--no-renames', '--no-color', '--no-ext-diff', '--no-textconv'];

async function patchesOf(
  git: Git,
  mirror: Mirror,
  { base, head, since, tip }: Range,
): Promise<ReadonlyMap<string, 'same' | 'opposite'>> {
  const found = new Map<string, 'same' | 'opposite'>();
  const { gitDir } = mirror;
  const names = await git.run({
    args: ['diff-tree', '-r', '-z', '--name-only', '--no-renames', base, head],
    gitDir,
  });
  const paths = splitNul(names.stdout).map(String);
  const only = paths.length > MAX_PATHS || paths.some((path) => path.includes('\uFFFD')) ? [] : paths;
  const touching = await git.line({
    args: ['rev-list', '--no-merges', `--max-count=${MAX_COMPARED}`, `${since}..${tip}`, '--', ...only],
    gitDir,
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  if (touching === '') return found;
  const [same, opposite, theirs] = await Promise.all([
    diff(git, gitDir, { args: ['diff-tree', ...DIFF, base, head] }),
    diff(git, gitDir, { args: ['diff-tree', ...DIFF, head, base] }),
    diff(git, gitDir, { args: ['diff-tree', ...DIFF, '--stdin'], stdin: Buffer.from(`${touching}\n`) }),
  ]);
  if (same === null || opposite === null || theirs === null) return found;
  const [mine, contrary] = [digest(same.split('\n')), digest(opposite.split('\n'))];
  for (const [commit, lines] of byCommit(theirs)) {
    const theirDigest = digest(lines);
    if (theirDigest === contrary) found.set(commit, 'opposite');
    else if (theirDigest === mine) found.set(commit, 'same');
  }
  return found;
}

/** null when it is too large to be compared. latin1 keeps every byte apart. */
async function diff(
  git: Git,
  gitDir: string,
  call: { readonly args: readonly string[]; readonly stdin?: Uint8Array },
): Promise<string | null> {
  const { bytes, isCut } = await beginningOf(git, { ...call, gitDir }, MAX_PATCH_BYTES);
  return isCut ? null : bytes.toString('latin1');
}

/** `diff-tree --stdin` puts the commit on a line of its own; no line of a patch is a bare object id. */
function byCommit(text: string): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (isObjectId(line)) all.set(line, (lines = []));
    else lines.push(line);
  }
  return all;
}

/** Where the lines stand, and which blobs they are in, depends on the rest of the files. */
function digest(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) {
    if (line === '' || line.startsWith('index ')) continue;
    hash.update(line.startsWith('@@ ') ? '@@' : line).update('\n');
  }
  return hash.digest('hex');
}
