/** A key in a file that nobody else can read or write. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileDistrust } from '../../core/file-trust.ts';
import { isLoopwrightError } from '../../core/errors.ts';
import { keyUnavailable } from './unavailable.ts';

/** Up to `most` bytes of the file as text, one more where there are more. Rejects with `LW_KEY_UNAVAILABLE`. */
export async function readKeyFile(path: string, most: number): Promise<Uint8Array> {
  const where = `the file ${path}`;
  try {
    // Without blocking: opening a pipe would otherwise wait for its writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    const facts = { isFile: stats.isFile(), mode: stats.mode, uid: stats.uid };
    const distrust = fileDistrust(facts, process.getuid?.() ?? null, true);
    if (distrust !== null) {
      const next =
        distrust.remedy === null ? 'Put the key into a file of your own.' : `Run: ${distrust.remedy} ${path}`;
      throw keyUnavailable(where, `it ${distrust.problem}`, next);
    }
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } catch (error) {
    if (isLoopwrightError(error) || !(error instanceof Error) || !('code' in error)) throw error;
    throw keyUnavailable(where, `it cannot be read (${String(error.code)})`, 'Put the key there, or correct the path.');
  }
}
