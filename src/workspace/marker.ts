/** The sign loopwright leaves in a directory it made; without it nothing is ever deleted. */
import { constants } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { hasSystemCode } from '../core/system-code.ts';

export const MARKER = '.loopwright-run';

const MARKER_BYTES = 200;

/**
 * Makes a directory that carries the marker from its first instant: it is filled under another name and renamed, so a
 * crash leaves a marked directory or none. Rejects with ENOTEMPTY or EEXIST when the name is taken.
 */
export async function makeMarkedDirectory(directory: string, runId: string): Promise<void> {
  const draft = path.join(path.dirname(directory), `.new-${randomBytes(8).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  await writeMarker(draft, runId);
  await rename(draft, directory);
}

export async function writeMarker(directory: string, runId: string): Promise<void> {
  await writeFile(path.join(directory, MARKER), `${runId}\n`, { flag: 'wx' });
}

/** The run a directory belongs to, or null without a marker. `directory` may be a path through an opened handle. */
export async function readMarker(directory: string): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const file = await open(path.join(directory, MARKER), flags);
    try {
      if (!(await file.stat()).isFile()) return null;
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MARKER_BYTES), 0, MARKER_BYTES, 0);
      return buffer.subarray(0, bytesRead).toString('utf8').trim();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES', 'EISDIR', 'ENXIO')) return null;
    throw error;
  }
}
