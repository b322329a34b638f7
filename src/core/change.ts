/** A change is the file-level delta between two checkpoints. */
import type { ContentSighting } from './content-detectors.ts';
import type { RiskFinding } from './risk.ts';

export type ChangeKind = 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'type-changed';

/** File modes as git writes them. `160000` is a submodule, `120000` a symbolic link. */
export type FileMode = '000000' | '100644' | '100755' | '120000' | '160000';

/**
 * One changed file. A path is the exact bytes of the name when they are valid UTF-8; otherwise each invalid byte is
 * written as a `%XX` escape and `pathBytes` holds the exact name in base64.
 */
export interface ChangedFile {
  readonly path: string;
  readonly pathBytes?: string;
  readonly previousPath?: string;
  readonly kind: ChangeKind;
  readonly oldMode: FileMode;
  readonly newMode: FileMode;
  /** null for binary files. */
  readonly addedLines: number | null;
  readonly removedLines: number | null;
  /** The file existed on the base and is covered by `protect`. */
  readonly protected: boolean;
  /** The policy's `paths` allow this file to change. */
  readonly inScope: boolean;
  /** Names of the risk zones that the path lies in, or that its lines fall under. */
  readonly zones: readonly string[];
}

export interface Change {
  readonly iteration: number;
  /** Commit in the trusted mirror that holds this tree; its parent is the base. */
  readonly checkpoint: string;
  readonly tree: string;
  /** SHA-256 of the canonical diff against the base: what an approval is bound to. */
  readonly diffHash: string;
  /** Blob of the diff text. */
  readonly diff: string;
  /** Bounded by `MAX_LISTED_FILES`; `fileCount` is exact. */
  readonly files: readonly ChangedFile[];
  readonly fileCount: number;
  readonly addedLines: number;
  readonly removedLines: number;
  /** Things collection met that a tree cannot hold: nested repositories, sockets, devices, unreadable files. */
  readonly oddities: readonly string[];
  /**
   * What its lines do that is risky, at most `MAX_LISTED_RISKS`; their zones are among those of their files. Absent where
   * there is nothing to say, and in older logs.
   */
  readonly risks?: readonly RiskFinding[];
  /** What readers saw inside its files, at most `MAX_LISTED_SIGHTINGS`. Absent where there is nothing to say, and in older logs. */
  readonly sightings?: readonly ContentSighting[];
}

export const MAX_LISTED_FILES = 2_000;

export function isEmptyChange(change: Change): boolean {
  return change.fileCount === 0;
}
