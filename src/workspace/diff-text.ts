/** The diff between two commits of the mirror: exact as a hash, bounded as a text. */
import { createHash } from 'node:crypto';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';

/**
 * What `git diff --full-index --binary --no-renames FROM TO` prints in a repository without attributes and settings. A
 * bare mirror reads no `.gitattributes`, so no file can hide from it by calling itself binary.
 */
const CANONICAL = [
  'diff-tree',
  '-r',
  '-p',
  '--full-index',
  '--binary',
  '--no-renames',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--diff-algorithm=myers',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  '--no-commit-id',
];

export interface DiffRange {
  readonly mirror: Mirror;
  readonly from: string;
  readonly to: string;
  readonly maxBytes: number;
}

export interface DiffText {
  /** SHA-256 of all of it. */
  readonly hash: string;
  /** Its beginning; ends in a line that says so where it was cut. */
  readonly text: Uint8Array;
}

/** Between a commit and one with the same tree. */
export const NO_DIFF: DiffText = { hash: createHash('sha256').digest('hex'), text: new Uint8Array() };

export async function hashDiff(git: Git, range: DiffRange): Promise<DiffText> {
  const hash = createHash('sha256');
  const keeper = keepBeginning(range.maxBytes);
  await git.run({
    args: [...CANONICAL, range.from, range.to],
    gitDir: range.mirror.gitDir,
    onOutput: (bytes) => {
      hash.update(bytes);
      keeper.add(bytes);
      return true;
    },
  });
  return { hash: hash.digest('hex'), text: keeper.text() };
}

/** Only the beginning; stops git when there is enough. */
export async function readDiff(git: Git, range: DiffRange): Promise<Uint8Array> {
  const keeper = keepBeginning(range.maxBytes);
  await git.run({
    args: [...CANONICAL, range.from, range.to],
    gitDir: range.mirror.gitDir,
    onOutput: (bytes) => keeper.add(bytes),
  });
  return keeper.text();
}

/** Bytes up to a bound, the closing line included. Cut at the end of a line. */
function keepBeginning(maxBytes: number): { add(bytes: Buffer): boolean; text(): Buffer } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (bytes) => {
      // One byte more than fits tells a text that fits exactly from one that was cut.
      if (size <= maxBytes) chunks.push(bytes.subarray(0, maxBytes + 1 - size));
      size += bytes.length;
      return size <= maxBytes;
    },
    text: () => {
      const all = Buffer.concat(chunks);
      if (all.length <= maxBytes) return all;
      const words = Buffer.from(`[loopwright: the diff is longer than ${maxBytes} bytes and was cut here]\n`);
      const room = all.subarray(0, Math.max(0, maxBytes - words.length));
      return Buffer.concat([room.subarray(0, room.lastIndexOf(0x0a) + 1), words]).subarray(0, maxBytes);
    },
  };
}
