/** Where OpenHands is installed, and which Python it can be installed with. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const PYTHON_ENVIRONMENT: string = join(import.meta.dirname, 'python', 'venv');

/** From 3.12 on; null where there is none. */
export function findPython(): string | null {
  const named = process.env['LOOPWRIGHT_PYTHON'];
  const candidates = named === undefined ? ['python3.12', 'python3.13', 'python3'] : [named];
  const fits = 'import sys, ensurepip; sys.exit(0 if (3, 12) <= sys.version_info < (3, 14) else 1)';
  return candidates.find((python) => spawnSync(python, ['-c', fits], { stdio: 'ignore' }).status === 0) ?? null;
}
