/** Readers of what the files of a change hold. They read objects of the trusted mirror, never a tree an agent can write. */
import type { ChangeKind } from '../core/change.ts';
import type { ContentSighting, SightedDetectorId } from '../core/content-detectors.ts';
import type { DiffLine } from '../core/risk.ts';

/** One side of a changed file. `bytes` is its whole size; `content` is null where it is too large to be read. */
export interface FileContent {
  readonly bytes: number;
  readonly content: Uint8Array | null;
}

export interface ChangedContent {
  readonly path: string;
  /** Only for renames and copies. */
  readonly previousPath: string | null;
  readonly kind: ChangeKind;
  /** null where there is no regular file on that side. */
  readonly before: FileContent | null;
  readonly after: FileContent | null;
  /** As in `FileDiff`: empty for binary files, and short where `complete` is false. */
  readonly added: readonly DiffLine[];
  readonly removed: readonly DiffLine[];
  readonly complete: boolean;
}

/** One whole tree, for readers that compare a change with what is around it. */
export interface WholeTree {
  /** Every regular file. */
  paths(): Promise<readonly string[]>;
  /** null where it is no regular file, or larger than `mostBytes`: 1 MiB where nothing is said, since no person writes more. */
  read(path: string, mostBytes?: number): Promise<Uint8Array | null>;
  /** Many at once, by path; those for which `read` gives null are left out. */
  readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Paths of files in which one of the words stands as a whole word, by word. Text files only; at most 200 words at a time. */
  mentions(words: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

export interface ChangeContent {
  readonly files: readonly ChangedContent[];
  readonly base: WholeTree;
  readonly head: WholeTree;
}

/**
 * Bounded in time and memory by itself, whatever the files hold. What it cannot read it says, as a sighting or not at all:
 * it rejects only where the run should end, because a guard that crashes never means "all clear".
 */
export type ContentReader = (change: ChangeContent) => Promise<readonly ContentSighting[]>;

/** A reader with the detectors it has something to say for; it is loaded only where one of them is on. */
export interface ContentReaderPlugin {
  readonly id: string;
  readonly detectors: readonly SightedDetectorId[];
  load(): Promise<ContentReader>;
}
