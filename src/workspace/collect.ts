/** From the tree in a workspace to a change that can be judged, on a commit in the mirror. */
import { listedSightings } from '../core/content-detectors.ts';
import { MAX_LISTED_RISKS } from '../core/risk.ts';
import type { ContentReader } from '../ports/content.ts';
import type { CollectedChange, PathClassifier, RiskReader } from '../ports/workspace.ts';
import { describeFiles } from './change.ts';
import type { CheckoutSource, Site } from './checkouts.ts';
import { takeTree } from './collector.ts';
import { changeContent } from './content.ts';
import { fileDiffs } from './diff-lines.ts';
import type { Taken } from './collector.ts';
import { parseDiff, type DiffEntry } from './diff-parser.ts';
import { hashDiff, NO_DIFF } from './diff-text.ts';
import type { Git } from './git.ts';
import { refs, type Mirror } from './mirror.ts';
import { writeCommit } from './own-commit.ts';
import type { Room } from './room.ts';

/** Longest diff text kept for people, in bytes. The hash covers all of it. */
export const DIFF_BYTES: number = 4 * 1024 * 1024;

/** Who says what is to be made of the files of a change. */
export interface ChangeReaders {
  readonly classify: PathClassifier;
  readonly readRisks: RiskReader;
  readonly readContent: ContentReader;
}

export interface Collection extends ChangeReaders {
  readonly site: Site;
  readonly baseTree: string;
  readonly iteration: number;
  readonly signal: AbortSignal;
}

export async function collectChange(room: Room, collection: Collection): Promise<CollectedChange> {
  const { site, baseTree, signal } = collection;
  const taken = await takeTree(room, { site, baseTree, signal });
  return keepChange(room, { ...collection, source: site.source, taken });
}

export interface Keep extends ChangeReaders {
  readonly source: CheckoutSource;
  readonly baseTree: string;
  readonly iteration: number;
  /** Its objects are in the mirror. */
  readonly taken: Taken;
}

/** From a tree to a change that can be judged, wherever the tree came from. */
export async function keepChange(room: Room, keep: Keep): Promise<CollectedChange> {
  const { source, baseTree, iteration, classify } = keep;
  const { tree, oddities } = keep.taken;
  const { mirror, base, runId } = source;
  const { git } = room;
  const seconds = await git.line({ args: ['log', '-1', '--format=%ct', base], gitDir: mirror.gitDir });
  const untouched = tree === baseTree;
  const ref = refs.checkpoint(runId, iteration);
  // A diff to the tree is the diff to the commit; so nothing waits for the commit but its ref.
  const [checkpoint, entries, { hash, text }] = await Promise.all([
    keepCommit(git, source, { tree, iteration, ref, seconds: Number(seconds) }),
    untouched ? [] : listChanges(git, mirror, base, tree),
    untouched ? NO_DIFF : hashDiff(git, { mirror, from: base, to: tree, maxBytes: DIFF_BYTES }),
  ]);
  const diff = await room.putBlob(text);
  const diffs = fileDiffs(entries, text);
  const risks = keep.readRisks(diffs);
  const seen = untouched
    ? []
    : await keep.readContent(await changeContent(git, { mirror, base, head: tree, entries, diffs }));
  const size = describeFiles(entries, classify, risks);
  const listed = {
    ...(risks.length === 0 ? {} : { risks: risks.slice(0, MAX_LISTED_RISKS) }),
    ...(seen.length === 0 ? {} : { sightings: listedSightings(seen) }),
  };
  return { ref, change: { iteration, checkpoint, tree, diffHash: hash, diff, ...size, oddities, ...listed } };
}

interface Keeping {
  readonly tree: string;
  readonly iteration: number;
  readonly ref: string;
  readonly seconds: number;
}

/** The same for the same tree and iteration, whenever it is written. */
async function keepCommit(
  git: Git,
  source: CheckoutSource,
  { tree, iteration, ref, seconds }: Keeping,
): Promise<string> {
  const { runId, base, mirror } = source;
  const { gitDir } = mirror;
  const message = `loopwright ${runId}, iteration ${iteration}\n\nLoop-Run: ${runId}\nLoop-Step: ${iteration}\n`;
  const commit = await writeCommit(git, { gitDir }, { tree, parents: [base], message, seconds });
  await git.run({ args: ['update-ref', ref, commit], gitDir });
  return commit;
}

/** Renames are looked for among at most this many files on either side; beyond it they are additions and deletions. */
const RENAME_LIMIT = 1_000;

export async function listChanges(git: Git, mirror: Mirror, from: string, to: string): Promise<readonly DiffEntry[]> {
  const what = ['--raw', '--numstat', '-z', '-M', `-l${RENAME_LIMIT}`, '--no-ext-diff', '--no-textconv'];
  const args = ['diff-tree', '-r', ...what, '--no-commit-id', from, to];
  return parseDiff((await git.run({ args, gitDir: mirror.gitDir })).stdout);
}
