/** Public repositories as bare git directories, which a person fetched; nothing of them is part of this one. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of what one git command prints: a large source file, or the diff of a large fix. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One repository, and where its packages are kept between runs. */
export interface RealRepository {
  readonly gitDir: string;
  readonly cache: string;
}

/** `owner/name`, with or without `.git`, bare or not; or `owner+name/repo`, as some mirrors lay them out. */
export function findRepository(directory: string, name: string): string | null {
  const places = [`${name}.git`, join(name, '.git'), name, join(name.replace('/', '+'), 'repo')];
  return places.map((place) => join(directory, place)).find((place) => existsSync(join(place, 'objects'))) ?? null;
}

async function git(
  gitDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const { stdout } = await run('git', [`--git-dir=${gitDir}`, ...args], {
    // Nothing of the person who measures, and nothing the repository could bring: a bare one has no hooks of its own.
    env: { PATH: process.env['PATH'] ?? '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...env },
    encoding: 'buffer',
    maxBuffer: MAX_BYTES,
  });
  return stdout;
}

/** Whether the commit is there, or only half of the history was fetched. */
export async function hasCommit(gitDir: string, commit: string): Promise<boolean> {
  try {
    await git(gitDir, ['cat-file', '-e', `${commit}^{commit}`]);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return false;
    throw error;
  }
}

/** Text of a file of a commit; null where it is not there. */
async function textAt(gitDir: string, commit: string, path: string): Promise<string | null> {
  const listed = await git(gitDir, ['ls-tree', '--name-only', commit, '--', path]);
  if (listed.length === 0) return null;
  return (await git(gitDir, ['cat-file', 'blob', `${commit}:${path}`])).toString('utf8');
}

/** By path; null where the commit has no such file. */
export async function textsAt(
  gitDir: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await textAt(gitDir, commit, path)] as const)));
}

export interface NamedCommit {
  readonly commit: string;
  readonly parent: string;
  readonly subject: string;
  readonly author: string;
}

/** The newest commits with one parent each. */
export async function newestCommits(gitDir: string, most: number): Promise<readonly NamedCommit[]> {
  const log = await git(gitDir, ['log', '--no-merges', `--max-count=${most}`, '--format=%H %P%x09%an%x09%s', 'HEAD']);
  return log
    .toString('utf8')
    .split('\n')
    .flatMap((line): NamedCommit[] => {
      const [, commit, parent, author, subject] = /^([0-9a-f]+) ([0-9a-f]+)\t([^\t]*)\t(.*)$/.exec(line) ?? [];
      return commit === undefined || parent === undefined
        ? []
        : [{ commit, parent, subject: subject ?? '', author: author ?? '' }];
    });
}

export async function changedPaths(gitDir: string, base: string, head: string): Promise<readonly string[]> {
  const named = await git(gitDir, ['diff', '--no-renames', '--name-only', '-z', base, head]);
  return named.toString('utf8').split('\0').filter(Boolean);
}

export async function diffOf(gitDir: string, base: string, head: string, paths: readonly string[]): Promise<string> {
  const text = await git(gitDir, ['diff', '--no-renames', '--no-ext-diff', base, head, '--', ...paths]);
  return text.toString('utf8');
}

/** Writes the files of a commit into an empty directory, and those of another commit over some of them. */
export async function checkOut(
  gitDir: string,
  directory: string,
  commit: string,
  over: { readonly commit: string; readonly paths: readonly string[] },
): Promise<void> {
  const index = { GIT_INDEX_FILE: join(dirname(directory), `${basename(directory)}.index`) };
  await git(gitDir, ['read-tree', commit], index);
  await git(gitDir, [`--work-tree=${directory}`, 'checkout-index', '--all', '--force'], index);
  for (const path of over.paths) {
    await git(gitDir, [`--work-tree=${directory}`, 'checkout', over.commit, '--', path], index);
  }
  await rm(index.GIT_INDEX_FILE, { force: true });
}

/** `npm install --ignore-scripts (lock of 63eed4aa)`: by which manifest packages are installed, when not by the base's. */
function manifestCommit(install: string, base: string): string {
  return /\((?:lock|manifest) of ([0-9a-f]{6,40})\b/.exec(install)?.[1] ?? base;
}

/**
 * Packages as `install` says, installed once for equal manifests; resolves with the path of `node_modules`, or null
 * where there are none to install. Install scripts never run, whatever `install` says: nobody read them.
 */
export async function packagesFor(
  { gitDir, cache }: RealRepository,
  install: string,
  base: string,
): Promise<string | null> {
  const commit = manifestCommit(install, base);
  const manifest = await textAt(gitDir, commit, 'package.json');
  if (manifest === null) throw new Error(`${commit} of ${gitDir} has no package.json`);
  if (!/"(?:dev|optional|peer)?dependencies"/i.test(manifest)) return null;
  const lock = await textAt(gitDir, commit, 'package-lock.json');
  const key = createHash('sha256')
    .update(`${manifest}\0${lock ?? ''}`)
    .digest('hex')
    .slice(0, 16);
  const done = join(cache, key);
  if (!existsSync(done)) {
    const making = `${done}.${process.pid}`;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    await writeFile(join(making, 'package.json'), manifest);
    if (lock !== null) await writeFile(join(making, 'package-lock.json'), lock);
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: making, maxBuffer: MAX_BYTES });
    // Half an installation never bears the final name.
    await rename(making, done);
  }
  return join(done, 'node_modules');
}

/** Puts packages where a checkout looks for them: hard links where the file system can, else copies. */
export async function placePackages(packages: string, checkout: string): Promise<void> {
  const target = join(checkout, 'node_modules');
  try {
    await run('cp', ['-al', packages, target], { maxBuffer: MAX_BYTES });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('cross-device')) throw error;
    await rm(target, { recursive: true, force: true });
    await cp(packages, target, { recursive: true, verbatimSymlinks: true });
  }
}
