/** What SQLite and the file system report, in our words: what was seen, and what to do next. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
export const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** Bytes. Below this, a failed write or a failed growth of the shared-memory file is taken for a full disk. */
const NO_SPACE_BYTES = 1_048_576;

const NEXT: Readonly<Record<number, string>> = {
  [SQLITE_BUSY]: 'Another process keeps the store locked. End it (`fuser FILE` names it), then run the command again.',
  [SQLITE_LOCKED]:
    'Another process keeps the store locked. End it (`fuser FILE` names it), then run the command again.',
  [SQLITE_READONLY]:
    'Make the file and its directory writable for this user, or point LOOPWRIGHT_HOME to a directory that is.',
  [SQLITE_CANTOPEN]:
    'Check that the directory exists and is writable, or point LOOPWRIGHT_HOME to a directory that is.',
  [SQLITE_IOERR]: 'Check the disk, its quota and the system log, then run the command again.',
  [SQLITE_CORRUPT]: 'Keep the file, restore it from a backup, or point LOOPWRIGHT_HOME to a new directory.',
  [SQLITE_NOTADB]: 'Move the file away, or point LOOPWRIGHT_HOME to another directory.',
};

/** The primary result code of an error of `node:sqlite`, or null for any other error. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** The code of an error of `node:fs`, such as `ENOSPC`, or null. */
function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

export function unavailable(
  file: string,
  facts: { readonly seen: string; readonly next: string; readonly cause?: unknown },
): LoopwrightError {
  return new LoopwrightError('LW_STORE_UNAVAILABLE', {
    message: `the store ${file} cannot be used: ${facts.seen}`,
    next: facts.next.replaceAll('FILE', file),
    details: { file },
    cause: facts.cause,
  });
}

function diskFull(file: string, cause: Error): LoopwrightError {
  return new LoopwrightError('LW_DISK_FULL', {
    message: `the disk that holds the store ${file} is full (${cause.message}); what was about to be written was not, everything before it is kept`,
    next: 'Free some space, or run `loopwright gc`, then continue with `loopwright resume RUN`.',
    details: { file },
    cause,
  });
}

function hasNoSpace(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < NO_SPACE_BYTES;
  } catch (error) {
    // The directory itself is gone or unreadable: certainly a failure, but not a full disk.
    if (systemCode(error) === null) throw error;
    return false;
  }
}

/** The error in our words; what neither SQLite nor the file system reported comes back as it is. */
export function failureOf(error: unknown, file: string): unknown {
  if (isLoopwrightError(error) || !(error instanceof Error)) return error;
  const system = systemCode(error);
  if (system === 'ENOSPC' || system === 'EDQUOT') return diskFull(file, error);
  if (system !== null) {
    return unavailable(file, { seen: error.message, next: NEXT[SQLITE_CANTOPEN] ?? '', cause: error });
  }
  const code = sqliteCode(error);
  if (code === null) return error;
  if (code === SQLITE_FULL) return diskFull(file, error);
  if ((code === SQLITE_IOERR || code === SQLITE_CANTOPEN) && hasNoSpace(file)) return diskFull(file, error);
  const next = NEXT[code] ?? 'This is a defect of loopwright or of SQLite. Please report it with this message.';
  return unavailable(file, { seen: `SQLite says "${error.message}" (${code})`, next, cause: error });
}
