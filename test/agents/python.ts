/** Where OpenHands is installed, and which Python it can be installed with. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const PYTHON_ENVIRONMENT: string = join(import.meta.dirname, 'python', 'venv');

/** Python 3.12, for which the requirements are pinned; null where there is none. */
export function findPython(): string | null {
  const named = process.env['LOOPWRIGHT_PYTHON'];
  const candidates = named === undefined ? ['python3.12', 'python3'] : [named];
  const fits = 'import sys, ensurepip; sys.exit(0 if sys.version_info[:2] == (3, 12) else 1)';
  return candidates.find((python) => spawnSync(python, ['-c', fits], { stdio: 'ignore' }).status === 0) ?? null;
}
