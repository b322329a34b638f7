/** Names of payloads: SHA-256 of the bytes as they were given, in lower-case hex. */
import { createHash } from 'node:crypto';

export function blobHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Name of no bytes at all. Events name it when there was nothing to keep, without anybody having put it (`decide` is
 * pure), so every store has it from the start and never deletes it.
 */
export const EMPTY_HASH: string = blobHash(new Uint8Array());
