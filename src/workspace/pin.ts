/** Pins a revision: resolves it once, exactly, and brings its objects into the trusted mirror. */
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { BaseRevision } from '../core/task.ts';
import { FETCH, UPLOAD_PACK, type Git } from './git.ts';
import { refs, type Mirror, type Mirrors } from './mirror.ts';

export async function pin(git: Git, mirrors: Mirrors, root: string, revision: string): Promise<BaseRevision> {
  const commit = await resolve(git, root, revision);
  const mirror = await mirrors.open(root);
  await bring(git, mirror, root, commit);
  const tree = await git.line({ args: ['rev-parse', '--verify', `${commit}^{tree}`], gitDir: mirror.gitDir });
  return { commit, tree, name: await nameOf(git, root, revision) };
}

/** For people: what HEAD pointed at, or what was written. */
async function nameOf(git: Git, root: string, revision: string): Promise<string> {
  if (revision !== 'HEAD') return revision;
  const call = { args: ['symbolic-ref', '--quiet', '--short', 'HEAD'], directory: root, answers: [1] };
  const answer = await git.run(call);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : 'HEAD';
}

async function resolve(git: Git, root: string, revision: string): Promise<string> {
  if (revision === '' || revision.startsWith('-') || revision.includes('\0')) throw await unknown(git, root, revision);
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const answer = await git.run({ args, directory: root, answers: [1, 128] });
  if (answer.code === 0) return answer.stdout.toString('utf8').trim();
  throw await unknown(git, root, revision);
}

const NEARBY = 5;

async function unknown(git: Git, root: string, revision: string): Promise<LoopwrightError> {
  const args = ['for-each-ref', '--count=500', '--format=%(refname:short)', 'refs/heads', 'refs/remotes', 'refs/tags'];
  const names = (await git.line({ args, directory: root })).split('\n').filter((name) => name !== '');
  if (names.length === 0) {
    return new LoopwrightError('LW_REPO_EMPTY', {
      message: `the repository at ${root} has no commit yet`,
      next: 'Make one: `git add -A && git commit -m "start"`. Only committed files are part of a run.',
      details: { root, revision },
    });
  }
  const near = [...names].sort((a, b) => distance(a, revision) - distance(b, revision)).slice(0, NEARBY);
  const tried = revision.startsWith('-') ? 'a revision cannot start with a dash' : `tried \`${revision}^{commit}\``;
  return new LoopwrightError('LW_BASE_UNKNOWN', {
    message: `${JSON.stringify(revision)} does not name a commit in ${root} (${tried})`,
    next: `Give a branch, a tag or a commit with \`--base REV\`. There are: ${near.join(', ')}.`,
    details: { root, revision, near },
  });
}

/** Smaller is nearer: names that contain each other first, then by shared beginnings. */
function distance(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (wanted !== '' && (name.includes(wanted) || wanted.includes(name))) return 1;
  let shared = 0;
  while (shared < name.length && name[shared] === wanted[shared]) shared += 1;
  return 1_000 - shared;
}

/** No-op when the mirror already keeps the commit. */
export async function bring(git: Git, mirror: Mirror, root: string, commit: string): Promise<void> {
  if (await isKept(git, mirror, commit)) return;
  try {
    await fetchInto(git, mirror, { root, commit });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    // Another process of ours may have brought it meanwhile, and then held the lock this one wanted.
    if (await isKept(git, mirror, commit)) return;
    if (!(await isPartial(git, root))) throw error;
    await bringPartially(git, mirror, root, commit);
  }
}

async function isKept(git: Git, mirror: Mirror, commit: string): Promise<boolean> {
  const args = ['rev-parse', '--verify', '--quiet', `${refs.base(commit)}^{commit}`];
  return (await git.run({ args, gitDir: mirror.gitDir, answers: [1, 128] })).code === 0;
}

interface Wanted {
  readonly root: string;
  readonly commit: string;
  readonly depth?: number;
}

async function fetchInto(git: Git, mirror: Mirror, { root, commit, depth }: Wanted): Promise<void> {
  const args = [
    ...FETCH,
    '--update-shallow',
    `--upload-pack=${UPLOAD_PACK}`,
    ...(depth === undefined ? [] : [`--depth=${depth}`]),
    root,
    `+${commit}:${refs.base(commit)}`,
  ];
  await git.run({ args, gitDir: mirror.gitDir });
}

/** A partial clone lacks contents of old commits; those of the wanted one are there when it was ever checked out. */
async function bringPartially(git: Git, mirror: Mirror, root: string, commit: string): Promise<void> {
  try {
    await fetchInto(git, mirror, { root, commit, depth: 1 });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    throw new LoopwrightError('LW_REPO_UNSUPPORTED', {
      message: `${root} is a partial clone that lacks objects of ${commit}, and loopwright fetches nothing from the network`,
      next: 'Fetch them first, for example with `git checkout` of that revision, or use a full clone.',
      details: { root, commit },
      cause: error,
    });
  }
}

async function isPartial(git: Git, root: string): Promise<boolean> {
  const args = ['config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor)$'];
  return (await git.run({ args, directory: root, answers: [1] })).stdout.length > 0;
}
