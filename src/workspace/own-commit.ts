/** Commits of loopwright's own, made in the mirror: the same tree on the same parents at the same time is the same commit. */
import type { Git } from './git.ts';

function signature(secondsSince1970: number): Readonly<Record<string, string>> {
  const date = `@${secondsSince1970} +0000`;
  return {
    GIT_AUTHOR_NAME: 'loopwright',
    GIT_AUTHOR_EMAIL: 'loopwright@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'loopwright',
    GIT_COMMITTER_EMAIL: 'loopwright@localhost',
    GIT_COMMITTER_DATE: date,
  };
}

export interface OwnCommit {
  /** Names a tree. */
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Its date, whole seconds since 1970 UTC. */
  readonly seconds: number;
}

/** Resolves to its id. Nothing keeps hold of it yet. */
export async function writeCommit(
  git: Git,
  { gitDir }: { readonly gitDir: string },
  { tree, parents, message, seconds }: OwnCommit,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return git.line({ args, gitDir, env: signature(seconds), stdin: Buffer.from(message) });
}
