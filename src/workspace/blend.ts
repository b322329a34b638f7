/** A tree with some files of another commit, or with contents of our own. */
import type { ReplacedFile } from '../ports/workspace.ts';
import { listTree } from './base-reader.ts';
import type { TreeEntry } from './diff-parser.ts';
import { editedTree } from './edited-tree.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import type { StateDirectory } from './state-directory.ts';

export interface Blending {
  readonly mirror: Mirror;
  /** Commit or tree that the rest is of. */
  readonly treeish: string;
  readonly files: readonly ReplacedFile[];
}

async function entriesOf(git: Git, mirror: Mirror, commit: string): Promise<ReadonlyMap<string, TreeEntry>> {
  const entries = await listTree(git, mirror, commit);
  return new Map(entries.map((entry) => [entry.name.toString('utf8'), entry]));
}

/** A file that the other commit does not have is left as it is. */
export async function blendedTree(git: Git, state: StateDirectory, wanted: Blending): Promise<string> {
  const { mirror, treeish, files } = wanted;
  const { gitDir } = mirror;
  const commits = [...new Set([treeish, ...files.flatMap((file) => ('from' in file ? [file.from] : []))])];
  const trees = new Map(
    await Promise.all(commits.map(async (commit) => [commit, await entriesOf(git, mirror, commit)] as const)),
  );
  const lines: Buffer[] = [];
  for (const file of files) {
    const entry = trees.get('from' in file ? file.from : treeish)?.get(file.path);
    if (entry === undefined) continue;
    const hash = ['hash-object', '-w', '--stdin'];
    const id = 'from' in file ? entry.id : await git.line({ args: hash, gitDir, stdin: Buffer.from(file.content) });
    lines.push(Buffer.from(`${entry.mode} ${id}\t`), entry.name, Buffer.of(0));
  }
  return editedTree(git, state, { mirror, treeish, lines: Buffer.concat(lines) });
}
