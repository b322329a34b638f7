/** Finding programs of the host. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasSystemCode } from '../core/system-code.ts';
import { pathEntries } from './host-view.ts';
import type { Environment } from './host-view.ts';

const USUAL_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

/** A directory on PATH that this user may not look into is passed over, as a shell does. */
function isExecutable(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'EACCES')) return false;
    throw error;
  }
}

/** Absolute path, or null. Looks along the host's PATH first, then where systems keep such programs. */
export function findProgram(name: string, environment: Environment): string | null {
  const directories = [...pathEntries(environment), ...USUAL_DIRECTORIES];
  return directories.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}
