/** Whether a file of the host may be believed: what others can write is what others say, and what they can read is no secret. */

export interface FileFacts {
  readonly isFile: boolean;
  /** Permission bits, as `stat` gives them. */
  readonly mode: number;
  /** User id of the owner. */
  readonly uid: number;
}

const ROOT = 0;
const OTHERS_WRITE = 0o022;
const OTHERS_READ = 0o044;

export interface FileDistrust {
  /** After the name of the file: `can be written by other users (mode 666)`. */
  readonly problem: string;
  /** The command that mends it, without the path; null where none does. */
  readonly remedy: string | null;
}

/**
 * What is wrong with the file, or null. `secret`: it holds a key, so nobody else may read it either. `ownUid`: who we are;
 * null where the system has no such thing, and then only the kind of file is looked at.
 */
export function fileDistrust(facts: FileFacts, ownUid: number | null, secret: boolean): FileDistrust | null {
  if (!facts.isFile) return { problem: 'is not a plain file', remedy: null };
  if (ownUid === null) return null;
  const mode = (facts.mode & 0o777).toString(8).padStart(3, '0');
  if (facts.uid !== ownUid && facts.uid !== ROOT) {
    return { problem: `belongs to another user (id ${facts.uid})`, remedy: null };
  }
  if ((facts.mode & OTHERS_WRITE) !== 0) {
    return { problem: `can be written by other users (mode ${mode})`, remedy: secret ? 'chmod 600' : 'chmod go-w' };
  }
  if (secret && (facts.mode & OTHERS_READ) !== 0) {
    return { problem: `can be read by other users (mode ${mode})`, remedy: 'chmod 600' };
  }
  return null;
}
