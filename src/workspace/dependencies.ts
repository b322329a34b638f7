/** Untracked directories of the user's checkout (`node_modules`, `.venv`) that a run may read and never shares. */
import { spawn } from 'node:child_process';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import type { Mount } from '../ports/sandbox.ts';
import type { Git } from './git.ts';
import { saysDiskFull } from './git.ts';
import type { Mirror } from './mirror.ts';
import { splitNul } from './object-names.ts';

export interface DependencySearch {
  readonly repository: string;
  readonly commit: string;
  readonly names: readonly string[];
}

/** Those that exist, are real directories all the way, and are not part of the base. Sorted, outermost only. */
export async function findDependencies(git: Git, mirror: Mirror, search: DependencySearch): Promise<readonly string[]> {
  const wanted = [...new Set(search.names.map((name) => name.replace(/\/+$/, '')))].filter(isPlainRelative).sort();
  const present: string[] = [];
  for (const name of wanted) {
    if (present.some((outer) => name.startsWith(`${outer}/`))) continue;
    if (await isRealDirectory(search.repository, name)) present.push(name);
  }
  if (present.length === 0) return [];
  const args = ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', '--name-only', search.commit, '--', ...present];
  const tracked = splitNul((await git.run({ args, gitDir: mirror.gitDir })).stdout).map((name) =>
    name.toString('utf8'),
  );
  return present.filter((name) => !tracked.includes(name));
}

function isPlainRelative(name: string): boolean {
  const parts = name.split('/');
  return !path.isAbsolute(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..' && !isGit(part));
}

function isGit(part: string): boolean {
  return part.toLowerCase() === '.git';
}

/** A link anywhere on the way could lead out of the repository. */
async function isRealDirectory(root: string, name: string): Promise<boolean> {
  let current = root;
  for (const part of name.split('/')) {
    current = path.join(current, part);
    try {
      if (!(await lstat(current)).isDirectory()) return false;
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
      throw error;
    }
  }
  return true;
}

/** The layer of a checkout that lies over the dependency of this number. */
export function dependencyUpper(directory: string, index: number): string {
  return path.join(directory, 'dependencies', String(index), 'upper');
}

/** Copy-on-write views: the user's directory is only read, each checkout writes to its own place. */
export function dependencyOverlays(
  directory: string,
  repository: string,
  names: readonly string[],
  workspace: string,
): readonly Extract<Mount, { kind: 'overlay' }>[] {
  return names.map((name, index) => ({
    kind: 'overlay',
    lower: [path.join(repository, name)],
    upper: dependencyUpper(directory, index),
    work: path.join(directory, 'dependencies', String(index), 'work'),
    target: path.posix.join(workspace, name),
  }));
}

/** Whole copies, links kept as they are, blocks shared where the file system can. */
export async function copyDependencies(repository: string, names: readonly string[], to: string): Promise<void> {
  for (const name of names) {
    const target = path.join(to, name);
    await mkdir(path.dirname(target), { recursive: true });
    await copyTree(path.join(repository, name), target);
  }
}

async function copyTree(source: string, target: string): Promise<void> {
  const options = process.platform === 'linux' ? ['-a', '--reflink=auto', '-T'] : ['-Rp'];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn('cp', [...options, '--', source, target], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (bytes: Buffer) => {
    words = (words + bytes.toString('utf8')).slice(0, 2_000);
  });
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) return resolve();
    reject(
      new LoopwrightError(saysDiskFull(words) ? 'LW_DISK_FULL' : 'LW_WORKSPACE_LOST', {
        message: `${source} could not be copied into the workspace: ${words.trim()}`,
        next: 'Make room or repair the directory; or take it out of `paths.dependencies`.',
        details: { source, target },
      }),
    );
  });
  await promise;
}
