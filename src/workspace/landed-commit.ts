/** The commit that lands: the tree of a checkpoint with words for people. And how those before it were written. */
import type { SeenCommit } from '../core/landing/convention.ts';
import type { LandedCommit } from '../ports/workspace.ts';
import { beginningOf } from './beginning.ts';
import type { Git } from './git.ts';
import { refs, type Mirror } from './mirror.ts';
import { writeCommit } from './own-commit.ts';

/** Kept under a ref of the run, so that it lives as long as its checkpoints and is in its bundle. */
export async function composeLanded(git: Git, mirror: Mirror, wanted: LandedCommit): Promise<string> {
  const { runId, checkpoint, message, at } = wanted;
  const [tree, parents, seconds] = [`${checkpoint}^{tree}`, [`${checkpoint}^`], Math.floor(at / 1_000)];
  const commit = await writeCommit(git, mirror, { tree, parents, message, seconds });
  await git.run({ args: ['update-ref', refs.landed(runId), commit], gitDir: mirror.gitDir });
  return commit;
}

/** A first line is rarely longer than 200 bytes; a history made to be long is looked at in its beginning. */
const MAX_HISTORY_BYTES = 256 * 1024;

const FIELD = '\u001F';
const FORMAT = ['%P', '%an', '%s', '%(trailers:key=Signed-off-by,valueonly,separator=%x20)'].join('%x1f');

export async function readHistory(
  git: Git,
  mirror: Mirror,
  { commit, most }: { readonly commit: string; readonly most: number },
): Promise<readonly SeenCommit[]> {
  const args = ['log', '-z', `--max-count=${most}`, '--no-show-signature', '--no-color', `--format=${FORMAT}`, commit];
  const { bytes } = await beginningOf(git, { args, gitDir: mirror.gitDir }, MAX_HISTORY_BYTES);
  const entries = bytes.toString('utf8').split('\0');
  return entries.flatMap((entry): readonly SeenCommit[] => {
    const [parents, author, subject, signed] = entry.split(FIELD);
    // The last one may have been cut.
    if (parents === undefined || author === undefined || subject === undefined || signed === undefined) return [];
    const count = parents.split(' ').filter((one) => one !== '').length;
    return [{ subject, author, parents: count, signedOff: signed.trim() !== '' }];
  });
}
