/**
 * The objects an agent may read where checks are held back from it: the base commit alone, without the contents of what it
 * must not see. What a mount hides in the tree, `git show` would give away; and older commits hold older copies.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { listTree } from './base-reader.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';
import { decodeName } from './object-names.ts';

export interface HeldObjects {
  readonly mirror: Mirror;
  readonly commit: string;
  /** Paths on that commit. */
  readonly without: readonly string[];
  /** Of the site. */
  readonly directory: string;
  /** The agent's git directory; its history ends with the commit. */
  readonly gitDirectory: string;
  /** The configuration it has so far. */
  readonly configuration: string;
}

export function heldObjects(directory: string): string {
  return path.join(directory, 'objects');
}

/** A content that is also that of a file it may see stays: there is nothing in it to hide. */
export async function writeHeldObjects(git: Git, wanted: HeldObjects): Promise<void> {
  const { mirror, commit, directory, gitDirectory } = wanted;
  const { gitDir } = mirror;
  const frame = ['rev-list', '--objects', '--no-object-names', '--filter=blob:none', '--max-count=1', commit];
  const [entries, trees] = await Promise.all([
    listTree(git, mirror, commit),
    git.run({ args: frame, gitDir }).then(({ stdout }) => stdout.toString('latin1').split('\n').filter(Boolean)),
  ]);
  const without = new Set(wanted.without);
  const shown = entries.filter(({ mode, name }) => mode !== '160000' && !without.has(decodeName(name).path));
  const ids = new Set([...trees, ...shown.map(({ id }) => id)]);
  const objects = heldObjects(directory);
  await mkdir(path.join(objects, 'pack'), { recursive: true });
  const args = ['pack-objects', '-q', path.join(objects, 'pack', 'pack')];
  await git.run({ args, gitDir, stdin: Buffer.from([...ids].map((id) => `${id}\n`).join('')) });
  await writeFile(path.join(gitDirectory, 'shallow'), `${commit}\n`);
  const configuration = await readFile(wanted.configuration, 'utf8');
  await writeFile(path.join(gitDirectory, 'config'), `${configuration}${MISSING_ON_PURPOSE}`);
}

/** Without it git takes a missing content for damage and refuses to commit. There is nothing behind the name to fetch from. */
const MISSING_ON_PURPOSE = `[core]
	repositoryformatversion = 1
[extensions]
	partialClone = held-back
[remote "held-back"]
	url = /dev/null
	promisor = true
`;
