/** The beginning of what git prints, where the whole may be of any length. */
import type { Git, GitCall } from './git.ts';

export interface Beginning {
  /** Up to the piece that passed the bound, that one included. */
  readonly bytes: Buffer;
  readonly isCut: boolean;
}

/** Ends git once it printed more than `most` bytes. */
export async function beginningOf(git: Git, call: Omit<GitCall, 'onOutput'>, most: number): Promise<Beginning> {
  const pieces: Buffer[] = [];
  let size = 0;
  const onOutput = (bytes: Buffer): boolean => {
    pieces.push(bytes);
    size += bytes.length;
    return size <= most;
  };
  await git.run({ ...call, onOutput });
  return { bytes: Buffer.concat(pieces), isCut: size > most };
}
