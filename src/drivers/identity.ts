/** Which program it is, by its contents. Read once, and again only when the file system says that it is another file now. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { LoopwrightError } from '../core/errors.ts';
import type { FoundAgent } from '../core/agent-event.ts';
import type { FoundProgram } from './installation.ts';

/** Bytes read at a time: agents are up to 300 MB, and none of them is ever held whole. */
const PIECE_BYTES = 1_048_576;

/** Hexadecimal. Rejects as the file system does. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: PIECE_BYTES }), hash);
  return hash.digest('hex');
}

/** Changes with every way to replace or rewrite a file, and costs nothing to ask for. */
async function stampOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function gone(agent: string, file: string, cause: unknown): LoopwrightError {
  return new LoopwrightError('LW_AGENT_MISSING', {
    message: `the program of ${agent} cannot be read any more: ${file}`,
    next: 'Install it again in the version the run began with, or start the run anew.',
    details: { agent, program: file },
    cause,
  });
}

/**
 * Looks at the program of one session, as often as it is asked. Rejects with `LW_AGENT_MISSING` where it is gone. What else
 * lies in its package is named by the manifest and its version, and not read.
 */
export function createIdentity(agent: string, found: FoundProgram): () => Promise<FoundAgent> {
  const { program, foundBy, version, manifest } = found;
  const files = manifest === null ? [program] : [program, manifest];
  let known: { readonly stamps: string; readonly identity: FoundAgent } | null = null;

  async function look(): Promise<FoundAgent> {
    const stamps = (await Promise.all(files.map(stampOf))).join(' ');
    if (known?.stamps === stamps) return known.identity;
    const [sha256 = '', ofManifest] = await Promise.all(files.map(sha256Of));
    const around = manifest === null || ofManifest === undefined ? null : { path: manifest, sha256: ofManifest };
    known = { stamps, identity: { driver: agent, program, foundBy, version, sha256, manifest: around } };
    return known.identity;
  }

  return async () => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw gone(agent, program, error);
      throw error;
    }
  };
}
