/** Reads files of a pinned commit from the mirror, never from a work tree. */
import { LoopwrightError } from '../core/errors.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { readPaths } from './blobs.ts';
import { parseTree, type TreeEntry } from './diff-parser.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { decodeName } from './object-names.ts';

export async function listTree(git: Git, mirror: Mirror, commit: string): Promise<readonly TreeEntry[]> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', commit];
  return parseTree((await git.run({ args, gitDir: mirror.gitDir })).stdout);
}

export function createBaseReader(git: Git, open: () => Promise<Mirror>, commit: string): BaseReader {
  return {
    readFile: async (path, maxBytes) => {
      const { gitDir } = await open();
      const listing = ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commit, '--', path];
      const [entry] = parseTree((await git.run({ args: listing, gitDir })).stdout);
      // Asking for a directory lists the directory; a symbolic link is not a regular file.
      if (entry === undefined || entry.name.toString('utf8') !== path || !entry.mode.startsWith('100')) return null;
      const size = Number(await git.line({ args: ['cat-file', '-s', entry.id], gitDir }));
      if (size > maxBytes) {
        throw new LoopwrightError('LW_POLICY_UNREADABLE', {
          message: `${path} on ${commit} has ${size} bytes; the limit is ${maxBytes}`,
          next: 'Make the file smaller.',
          details: { path, commit, size, maxBytes },
        });
      }
      return (await git.run({ args: ['cat-file', 'blob', entry.id], gitDir })).stdout;
    },
    readAll: async (paths) => {
      const mirror = await open();
      const files = (await listTree(git, mirror, commit)).filter(({ mode }) => mode.startsWith('100'));
      const listed = new Map(files.map(({ name, id }) => [decodeName(name).path, id]));
      return readPaths(git, mirror, listed, paths);
    },
    listFiles: async () => {
      const entries = await listTree(git, await open(), commit);
      return entries.filter((entry) => entry.mode !== '160000').map((entry) => decodeName(entry.name).path);
    },
  };
}
