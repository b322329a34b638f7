/** The trusted mirror: a bare repository per user repository that only loopwright writes. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, realpath, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import { hasSystemCode } from '../core/system-code.ts';
import { makeAside } from './draft.ts';
import type { Git } from './git.ts';
import type { StateDirectory } from './state-directory.ts';

export type ObjectFormat = 'sha1' | 'sha256';

export interface Mirror {
  /** Name of the repository in the state directory: a hash of the real path of its common git directory. */
  readonly repositoryId: string;
  readonly gitDir: string;
  /** What agents and checks see of it, read-only. */
  readonly objects: string;
  readonly format: ObjectFormat;
}

export interface Mirrors {
  /** Opens the mirror of a repository, making it when there is none. */
  open(root: string): Promise<Mirror>;
  /** Opens a mirror even when the repository is gone. Rejects with LW_REPO_NONE when neither is there. */
  find(root: string): Promise<Mirror>;
}

export function createMirrors(state: StateDirectory, git: Git): Mirrors {
  async function locate(root: string): Promise<{ commonDir: string; format: ObjectFormat }> {
    const args = ['rev-parse', '--path-format=absolute', '--git-common-dir', '--show-object-format'];
    const lines = (await git.line({ args, directory: root })).split('\n');
    const format = lines.pop();
    // What is left is one path, which may hold line breaks.
    const commonDir = lines.join('\n');
    return { commonDir: await realpath(commonDir), format: format === 'sha256' ? 'sha256' : 'sha1' };
  }

  async function open(root: string): Promise<Mirror> {
    const { commonDir, format } = await locate(root);
    const repositoryId = createHash('sha256').update(commonDir).digest('hex').slice(0, 24);
    const mirror = describe(state.mirrors, repositoryId, format);
    if (!existsSync(path.join(mirror.gitDir, 'HEAD'))) {
      await makeAside(state, mirror.gitDir, async (directory) => {
        const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, directory];
        await git.run({ args });
      });
    }
    await remember(state.mirrors, mirror, root);
    return mirror;
  }

  async function find(root: string): Promise<Mirror> {
    try {
      return await open(root);
    } catch (error) {
      if (!isLoopwrightError(error, 'LW_GIT_FAILED') && !hasSystemCode(error, 'ENOENT')) throw error;
    }
    for (const name of await readdir(state.mirrors)) {
      if (!name.endsWith(USED_AS)) continue;
      const used = await readUse(path.join(state.mirrors, name));
      if (used.roots.includes(root)) return describe(state.mirrors, name.slice(0, -USED_AS.length), used.format);
    }
    throw new LoopwrightError('LW_REPO_NONE', {
      message: `there is no repository at ${root}, and loopwright has no results for one that was there`,
      next: 'Give the path the run was started with: `loopwright show RUN`.',
      details: { root },
    });
  }

  return { open, find };
}

function describe(mirrors: string, repositoryId: string, format: ObjectFormat): Mirror {
  const gitDir = path.join(mirrors, `${repositoryId}.git`);
  return { repositoryId, gitDir, objects: path.join(gitDir, 'objects'), format };
}

/** Beside a mirror: under which paths the repository was used, so that its results can be found when it is gone. */
const USED_AS = '.json';

interface Use {
  readonly format: ObjectFormat;
  readonly roots: readonly string[];
}

async function remember(mirrors: string, mirror: Mirror, root: string): Promise<void> {
  const file = path.join(mirrors, `${mirror.repositoryId}${USED_AS}`);
  const used = await readUse(file);
  if (used.roots.includes(root)) return;
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const next: Use = { format: mirror.format, roots: [...used.roots, root] };
  await writeFile(draft, JSON.stringify(next));
  await rename(draft, file);
}

async function readUse(file: string): Promise<Use> {
  try {
    const use: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof use !== 'object' || use === null || !('roots' in use) || !Array.isArray(use.roots)) return NEVER_USED;
    const roots = use.roots.filter((root): root is string => typeof root === 'string');
    return { format: 'format' in use && use.format === 'sha256' ? 'sha256' : 'sha1', roots };
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT') || error instanceof SyntaxError) return NEVER_USED;
    throw error;
  }
}

const NEVER_USED: Use = { format: 'sha1', roots: [] };

/** Refs of the mirror. */
export const refs = {
  base: (commit: string): string => `refs/loopwright/base/${commit}`,
  run: (runId: string): string => `refs/loopwright/${runId}`,
  checkpoint: (runId: string, iteration: number): string => `refs/loopwright/${runId}/${iteration}`,
  /** What lands of the run. */
  landed: (runId: string): string => `refs/loopwright/${runId}/landed`,
  /** What an agent elsewhere offered, as it came: evidence, and the way to know whether its history was rewritten. */
  offered: (runId: string, iteration: number): string => `refs/loopwright/${runId}/offered-${iteration}`,
  /** Of publishing: where the target branch was, what it would be with the change, its revert, the change once more. */
  target: (runId: string): string => `refs/loopwright/${runId}/target`,
  merged: (runId: string): string => `refs/loopwright/${runId}/merged`,
  reverting: (runId: string): string => `refs/loopwright/${runId}/reverting`,
  reapplied: (runId: string): string => `refs/loopwright/${runId}/reapplied`,
} as const;
