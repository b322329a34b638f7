/** What is known of the user's repository. It is only read, with an environment that starts nothing of it. */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { Mount } from '../ports/sandbox.ts';
import type { RepositoryInfo } from '../ports/workspace.ts';
import type { Git } from './git.ts';
import type { Stage } from './stage.ts';

/** Long enough for a status of a large repository on a cold disk; after it, "unknown" is the honest answer. */
const STATUS_TIMEOUT_MS = 20_000;

export interface RepositoryReader {
  inspect(directory: string): Promise<RepositoryInfo>;
}

export function createRepositoryReader(git: Git, stage: Stage): RepositoryReader {
  return {
    inspect: async (directory) => {
      const shape = await readShape(git, directory);
      const [branch, head] = await Promise.all([readBranch(git, shape.root), readHead(git, shape.root)]);
      const [hasSubmodules, dirty] = await Promise.all([
        head === null ? false : hasFile(git, shape.root, `${head}:.gitmodules`),
        shape.bare ? false : readDirty(git, stage, shape),
      ]);
      const { root, bare, shallow } = shape;
      return { root, bare, shallow, branch, head, dirty, hasSubmodules };
    },
  };
}

export interface Shape {
  readonly root: string;
  readonly bare: boolean;
  readonly shallow: boolean;
  /** Symlinks resolved, as in all of these. */
  readonly gitDir: string;
  /** Of the repository itself, where `gitDir` is that of a linked work tree. */
  readonly commonDir: string;
}

/** Rejects with `LW_REPO_NONE`, `LW_REPO_UNSUPPORTED`. */
export async function readShape(git: Git, directory: string): Promise<Shape> {
  const directoryPath = await existing(directory);
  const facts = ['--is-bare-repository', '--is-shallow-repository', '--is-inside-git-dir'];
  const [bare, shallow, insideGitDir] = (await discover(git, directoryPath, facts)).split('\n');
  // One question per path: a path may hold line breaks.
  const [gitDir, commonDir] = await Promise.all([
    discover(git, directoryPath, ['--absolute-git-dir']).then((found) => realpath(found)),
    discover(git, directoryPath, ['--path-format=absolute', '--git-common-dir']).then((found) => realpath(found)),
  ]);
  if (bare === 'true') return { root: gitDir, bare: true, shallow: shallow === 'true', gitDir, commonDir };
  if (insideGitDir === 'true') {
    throw new LoopwrightError('LW_REPO_NONE', {
      message: `${directoryPath} is inside the git directory ${gitDir}, not in a work tree`,
      next: 'Give the directory that holds your files.',
      details: { directory },
    });
  }
  const root = await existing(await discover(git, directoryPath, ['--show-toplevel']));
  await requireOwnWorkTree(git, root, gitDir);
  return { root, bare: false, shallow: shallow === 'true', gitDir, commonDir };
}

/** `core.worktree` may name any directory. Files there are no work tree of this repository unless they say so too. */
async function requireOwnWorkTree(git: Git, root: string, gitDir: string): Promise<void> {
  const args = ['rev-parse', '--absolute-git-dir'];
  const answer = await git.run({ args, directory: root, answers: [128] });
  const found = answer.stdout.toString('utf8').replace(/\n$/, '');
  if (answer.code === 0 && (await realpath(found)) === gitDir) return;
  throw new LoopwrightError('LW_REPO_UNSUPPORTED', {
    message: `the repository ${gitDir} says that its work tree is ${root}, and that directory is not part of it`,
    next: 'Take the setting away with `git config --unset core.worktree`, or give another repository.',
    details: { root, gitDir },
  });
}

async function existing(directory: string): Promise<string> {
  try {
    const found = await realpath(directory);
    if ((await stat(found)).isDirectory()) return found;
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG')) throw error;
  }
  throw new LoopwrightError('LW_REPO_NONE', {
    message: `there is no directory ${directory} that can be read`,
    next: 'Give an existing repository with `--repo DIR`.',
    details: { directory },
  });
}

/** One answer of `git rev-parse`. */
async function discover(git: Git, directory: string, questions: readonly string[]): Promise<string> {
  try {
    return await git.line({ args: ['rev-parse', ...questions], directory });
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_GIT_FAILED')) throw error;
    const words = String(error.details['words']);
    if (/no git on PATH/.test(words)) throw gitMissing(error);
    const none = /not a git repository|not a directory/i.test(words);
    throw new LoopwrightError(none ? 'LW_REPO_NONE' : 'LW_REPO_UNSUPPORTED', {
      message: none
        ? `${directory} is not inside a git repository`
        : `git cannot read the repository at ${directory}: ${words}`,
      next: none
        ? 'Go to a repository, give one with `--repo DIR`, or make one: `git init && git add -A && git commit`.'
        : 'loopwright uses the git on PATH; a newer git may be able to read this repository.',
      details: { directory, words },
      cause: error,
    });
  }
}

/** The directory is there, it was looked at before: it is git that is not. */
function gitMissing(cause: unknown): LoopwrightError {
  return new LoopwrightError('LW_GIT_FAILED', {
    message: 'there is no git on PATH',
    next: 'Install it: `apt-get install git`, or add its directory to PATH.',
    cause,
  });
}

async function readBranch(git: Git, root: string): Promise<string | null> {
  const call = { args: ['symbolic-ref', '--quiet', '--short', 'HEAD'], directory: root, answers: [1] };
  const answer = await git.run(call);
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
}

async function readHead(git: Git, root: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'];
  const answer = await git.run({ args, directory: root, answers: [1, 128] });
  return answer.code === 0 ? answer.stdout.toString('utf8').trim() : null;
}

async function hasFile(git: Git, root: string, object: string): Promise<boolean> {
  return (await git.run({ args: ['cat-file', '-e', object], directory: root, answers: [1, 128] })).code === 0;
}

/**
 * `git status` may start programs the repository's configuration names, so it runs inside the sandbox on a read-only
 * view. null where that did not work: not knowing is an answer, running it outside is not.
 */
async function readDirty(git: Git, stage: Stage, shape: Shape): Promise<boolean | null> {
  if (!stage.confines) return null;
  const places = new Set([shape.root, shape.commonDir, shape.gitDir, ...(await borrowed(git, shape))]);
  const outermost = [...places].filter((one) => ![...places].some((other) => other !== one && isBelow(one, other)));
  const mounts: Mount[] = outermost.map((place) => ({ kind: 'read-only', source: place, target: place }));
  const script =
    'exec git --no-optional-locks status --porcelain=v1 -z --untracked-files=normal --ignore-submodules=dirty';
  const signal = AbortSignal.timeout(STATUS_TIMEOUT_MS * 2);
  try {
    const cwd = shape.root;
    const what = 'looking for uncommitted changes';
    const ended = await stage.attempt(
      { what, script, parameters: [], cwd, mounts, env: {}, timeoutMs: STATUS_TIMEOUT_MS, keepBytes: 1_024 },
      signal,
    );
    return ended.end.kind === 'exited' && ended.end.code === 0 ? ended.stdoutBytes > 0 : null;
  } catch (error) {
    if (isLoopwrightError(error)) return null;
    throw error;
  }
}

function isBelow(one: string, other: string): boolean {
  return one.startsWith(`${other}${path.sep}`);
}

/** Object directories of other repositories this one borrows from. */
async function borrowed(git: Git, shape: Shape): Promise<readonly string[]> {
  const listing = await git.line({ args: ['count-objects', '-v'], directory: shape.root });
  return listing
    .split('\n')
    .filter((line) => line.startsWith('alternate: '))
    .map((line) => line.slice('alternate: '.length));
}
