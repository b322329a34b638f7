/** What an agent has written while its turn goes on: seen from outside, where its workspace lies. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasSystemCode } from '../../src/core/system-code.ts';
import type { Place } from './harness.ts';

/** Whether a file of this name in the workspace of any run says exactly this. */
export function written({ home }: Place, name: string, text: string): boolean {
  const runs = join(home, 'runs');
  if (!existsSync(runs)) return false;
  const files = readdirSync(runs).flatMap((id) => ['upper', 'workspace'].map((tree) => join(runs, id, tree, name)));
  // Not only there: a file that is opened stands before its text does, and a full copy has had it from the beginning.
  return files.some((path) => textOf(path) === text);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return null;
    throw error;
  }
}
