/**
 * Takes the branch that an agent elsewhere offers. Nothing about it is believed: it is fetched into a draft that is thrown
 * away, bounded and checked by git; then its tree is compared with what the vendor said and with the base; and only what
 * passed goes into the mirror, from where it is judged like the tree of any other agent.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { isLoopwrightError } from '../core/errors.ts';
import type { OfferedBranch } from '../core/cloud-event.ts';
import type { CollectedChange } from '../ports/workspace.ts';
import type { CheckoutSource } from './checkouts.ts';
import { keepChange, type ChangeReaders } from './collect.ts';
import type { Taken } from './collector.ts';
import { parseDiff } from './diff-parser.ts';
import { FETCH, saysDiskFull, UPLOAD_PACK } from './git.ts';
import { writeGitDirectory } from './git-directory.ts';
import { makeMarkedDirectory } from './marker.ts';
import { refs } from './mirror.ts';
import { decodeName } from './object-names.ts';
import { TOO_DEEP_BYTES } from './oddities.ts';
import { remoteEnvironment, remoteUrl, unreachable } from './remote.ts';
import type { Room } from './room.ts';
import { deleteMarked } from './safe-delete.ts';

export interface Adoption extends ChangeReaders {
  readonly source: CheckoutSource;
  readonly baseTree: string;
  readonly iteration: number;
  readonly branch: OfferedBranch | null;
  readonly signal: AbortSignal;
}

/** What is fetched is kept here in the draft. */
const OFFERED = 'refs/loopwright/offered';
const BASE = 'refs/loopwright/base';

/** Branches and heads of pull requests, by names that mean nothing to git but themselves. */
const REF = /^refs\/(?:heads|pull)\/(?![-.])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[\w.+@/#=,%-]{1,240}(?<![./])$/;

/** A network that fails twice in a row is asked a third time. */
const ATTEMPTS = 3;

export async function adoptBranch(room: Room, adoption: Adoption): Promise<CollectedChange> {
  const { source, branch } = adoption;
  const nothing = (why: string): Taken => ({ tree: adoption.baseTree, oddities: [why] });
  const taken =
    branch === null
      ? nothing('the agent offered no branch')
      : await inDraft(room, source, (draft) => takeBranch(room, { ...adoption, branch, draft }));
  const kept = typeof taken === 'string' ? nothing(`the branch ${branch?.ref ?? ''} was not taken: ${taken}`) : taken;
  return keepChange(room, { ...adoption, taken: kept });
}

/** An empty repository that borrows the objects of the mirror and knows the base, for as long as it is needed. */
export async function inDraft<T>(
  room: Room,
  source: Pick<CheckoutSource, 'mirror' | 'base'>,
  use: (draft: string) => Promise<T>,
): Promise<T> {
  const { state, git } = room;
  const name = `draft-${randomBytes(8).toString('hex')}`;
  const holder = path.join(state.drafts, name);
  await makeMarkedDirectory(holder, name);
  try {
    const directory = path.join(holder, 'git');
    const { mirror, base } = source;
    await writeGitDirectory({
      directory,
      mirror,
      alternates: mirror.objects,
      head: 'ref: refs/heads/none',
      excluded: [],
      bare: true,
    });
    // So that what the mirror has is not fetched again.
    await git.run({ args: ['update-ref', BASE, base], gitDir: directory });
    return await use(directory);
  } finally {
    await deleteMarked({ directory: holder, below: state.drafts, trash: state.trash, runId: name });
  }
}

interface Offer extends Omit<Adoption, 'branch'> {
  readonly branch: OfferedBranch;
  readonly draft: string;
}

/** Resolves to words where the branch is refused. */
async function takeBranch(room: Room, offer: Offer): Promise<Taken | string> {
  const { branch, draft, source, iteration, signal } = offer;
  if (!REF.test(branch.ref)) return 'its name is no name of a branch or of a pull request';
  const refused = await fetchStrictly(room, { ...branch, into: OFFERED, draft, signal });
  if (refused !== null) return refused;
  const { git } = room;
  const line = (...args: readonly string[]): Promise<string> => git.line({ args, gitDir: draft, signal });
  const head = await line('rev-parse', '--verify', `${OFFERED}^{commit}`);
  if (branch.commit !== null && branch.commit !== head) {
    return `the vendor says it is at ${branch.commit.slice(0, 12)}, and it is at ${head.slice(0, 12)}`;
  }
  if (!(await contains(room, draft, source.base, head))) {
    return `its history does not contain the base ${source.base.slice(0, 12)}`;
  }
  const tree = await line('rev-parse', '--verify', `${head}^{tree}`);
  const large = await tooLarge(room, offer, tree);
  if (large !== null) return large;
  const rewritten = await rewrittenSince(room, offer, head);
  const { gitDir } = source.mirror;
  const bring = [
    ...FETCH,
    `--upload-pack=${UPLOAD_PACK}`,
    draft,
    `+${OFFERED}:${refs.offered(source.runId, iteration)}`,
  ];
  await git.run({ args: bring, gitDir });
  return { tree, oddities: rewritten === null ? [] : [rewritten] };
}

export interface StrictFetch {
  readonly remote: string;
  /** Full name on the remote. */
  readonly ref: string;
  /** Ref of the draft. */
  readonly into: string;
  readonly draft: string;
  readonly signal: AbortSignal;
}

/** null when it is in the draft now; words where it is refused. */
export async function fetchStrictly(
  room: Room,
  { remote, ref, into, draft, signal }: StrictFetch,
): Promise<string | null> {
  const url = remoteUrl(remote);
  const env = await remoteEnvironment(room, url);
  // Always one pack, so that the bound on a file is the bound on everything.
  const strict = ['-c', 'fetch.fsckObjects=true', '-c', 'fetch.unpackLimit=1'];
  const args = [...strict, ...FETCH, url.href, `+${ref}:${into}`];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await room.git.run({ args, gitDir: draft, env, signal, maxFileBytes: room.maxBranchBytes });
      return null;
    } catch (error) {
      if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
      const words = String(error.details['words']);
      const refused = refusalOf(words, room.maxBranchBytes);
      if (refused !== null) return refused;
      if (attempt === ATTEMPTS || signal.aborted) throw unreachable(remote, words, error);
    }
  }
}

/** What git says of content rather than of the way to it. */
function refusalOf(words: string, maxBytes: number): string | null {
  if (saysDiskFull(words)) return null;
  if (/couldn't find remote ref/i.test(words)) return 'the remote repository has no such branch';
  // SIGXFSZ is 25 wherever Linux runs but on MIPS and PA-RISC; a process that ignores it reads EFBIG.
  if (
    /file too large|died of signal 25|index-pack.*(?:signal|abnormal)|invalid index-pack output/is.test(words) &&
    !/fsck/i.test(words)
  ) {
    return `it brings more than ${maxBytes} bytes`;
  }
  const fsck = /^.*(?:fsck error|error: object [0-9a-f]+: ).*$/im.exec(words)?.[0];
  return fsck === undefined ? null : `git refuses its objects: ${fsck.slice(0, 200)}`;
}

async function contains(room: Room, gitDir: string, ancestor: string, head: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', ancestor, head];
  return (await room.git.run({ args, gitDir, answers: [1] })).code === 0;
}

/** A pack can be small and what it unpacks to enormous: the sizes are counted before anything is unpacked. */
async function tooLarge(room: Room, { source, draft, signal }: Offer, tree: string): Promise<string | null> {
  const { git, maxBranchBytes } = room;
  const diff = ['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-commit-id', source.base, tree];
  const entries = parseDiff((await git.run({ args: diff, gitDir: draft, signal })).stdout);
  const deep = entries.find(({ name }) => name.length >= TOO_DEEP_BYTES);
  if (deep !== undefined) return `a path in it is too long: ${decodeName(deep.name).path.slice(0, 100)}`;
  const blobs = entries.filter(({ newMode }) => newMode !== '000000' && newMode !== '160000');
  const stdin = Buffer.from(blobs.map(({ newId }) => `${newId}\n`).join(''));
  const args = ['cat-file', '--batch-check=%(objectsize)', '--buffer'];
  const sizes = (await git.run({ args, gitDir: draft, stdin, signal })).stdout.toString('latin1').split('\n');
  const total = sizes.reduce((sum, size) => sum + (/^\d+$/.test(size) ? Number(size) : 0), 0);
  return total > maxBranchBytes ? `its changed files have ${total} bytes, and ${maxBranchBytes} are allowed` : null;
}

/** Its tree is judged all the same; that commits vanished, a person should know. */
async function rewrittenSince(room: Room, { source, draft, iteration }: Offer, head: string): Promise<string | null> {
  const { mirror, runId } = source;
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', `${refs.run(runId)}/`];
  const lines = (await room.git.line({ args, gitDir: mirror.gitDir })).split('\n');
  const earlier = lines.flatMap((text) => {
    const [commit = '', ref = ''] = text.split(' ');
    const number = Number(/\/offered-(\d+)$/.exec(ref)?.[1] ?? Number.NaN);
    return number < iteration ? [{ commit, number }] : [];
  });
  const newest = earlier.toSorted((one, other) => other.number - one.number)[0];
  if (newest === undefined || (await contains(room, draft, newest.commit, head))) return null;
  return `commit ${newest.commit.slice(0, 12)} of iteration ${newest.number}: the branch was rewritten and lacks it`;
}
