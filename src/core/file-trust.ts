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
const STICKY = 0o1000;

export interface FileDistrust {
  /** After the name of the file: `can be written by other users (mode 666)`. */
  readonly problem: string;
  /** The command that mends it, without the path; null where none does. */
  readonly remedy: string | null;
}

function strangerOwns(uid: number, ownUid: number): FileDistrust | null {
  if (uid === ownUid || uid === ROOT) return null;
  return { problem: `belongs to another user (id ${uid})`, remedy: null };
}

function modeWords(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, '0');
}

/**
 * What is wrong with a directory or a symbolic link on the way to what is believed, or null: who can write a directory can
 * put another thing in place of what is in it. The rule of StrictModes in sshd (`safe_path` in its misc.c), with one more
 * case: in a sticky directory such as /tmp nobody renames or removes what is ours or root's (inode(7)), so that others may
 * write there. It holds only where every step is asked. Modes of a link say nothing; its owner does.
 */
export function stepDistrust(
  { mode, uid, isLink }: Omit<FileFacts, 'isFile'> & { readonly isLink: boolean },
  ownUid: number | null,
): FileDistrust | null {
  if (ownUid === null) return null;
  const stranger = strangerOwns(uid, ownUid);
  if (stranger !== null || isLink || (mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0) return stranger;
  return { problem: `can be written by other users (mode ${modeWords(mode)})`, remedy: 'chmod go-w' };
}

/**
 * What is wrong with the file, or null. `secret`: it holds a key, so nobody else may read it either. `ownUid`: who we are;
 * null where the system has no such thing, and then only the kind of file is looked at.
 */
export function fileDistrust(facts: FileFacts, ownUid: number | null, secret: boolean): FileDistrust | null {
  if (!facts.isFile) return { problem: 'is not a plain file', remedy: null };
  if (ownUid === null) return null;
  const mode = modeWords(facts.mode);
  const stranger = strangerOwns(facts.uid, ownUid);
  if (stranger !== null) return stranger;
  if ((facts.mode & OTHERS_WRITE) !== 0) {
    return { problem: `can be written by other users (mode ${mode})`, remedy: secret ? 'chmod 600' : 'chmod go-w' };
  }
  if (secret && (facts.mode & OTHERS_READ) !== 0) {
    return { problem: `can be read by other users (mode ${mode})`, remedy: 'chmod 600' };
  }
  return null;
}
