/** Repositories made for measuring: plain text files in folders, committed once. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ENV = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@example.invalid',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@example.invalid',
};

export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: directory, env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** A fresh directory; left behind for the operating system's own cleaning. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'loopwright-bench-'));
}

export function makeRepository(files: number): string {
  const root = join(scratch(), 'repository');
  for (let index = 0; index < files; index += 1) {
    const path = join(root, `package${index % 40}`, `module${index % 7}`, `file${index}.js`);
    if (index < 280) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `export const value${index} = ${index};\n`.repeat(20));
  }
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message=base');
  return root;
}
