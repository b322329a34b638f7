/** Directories of a repository in which an agent would find what to run, shown to it empty. */
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** An empty directory for as long as it is needed. */
async function withEmptyDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'loopwright-empty-'));
  try {
    return await use(directory);
  } finally {
    await rmdir(directory);
  }
}

/** What to show read-only inside: target path to host path. */
export type Concealed = Readonly<Record<string, string>>;

export function withConcealed<T>(
  names: readonly string[],
  workspacePath: string,
  use: (concealed: Concealed) => Promise<T>,
): Promise<T> {
  return withEmptyDirectory((empty) =>
    use(Object.fromEntries(names.map((name) => [path.join(workspacePath, name), empty]))),
  );
}
