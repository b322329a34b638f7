/** What the lines of a change say of its risk. Zones by path are in `ChangedFile.zones`; these are by what the diff does. */

export interface DiffLine {
  /** Number in the new file for an added line, in the old file for a removed one; from 1. */
  readonly line: number;
  readonly text: string;
}

/** One changed file, as text. */
export interface FileDiff {
  readonly path: string;
  readonly added: readonly DiffLine[];
  readonly removed: readonly DiffLine[];
  /** false: lines are missing here, because the text of the diff was cut or is not understood. */
  readonly complete: boolean;
}

export interface RiskFinding {
  /** Name of the risk zone; `UNREAD_ZONE` for a file that could not be read to its end. */
  readonly zone: string;
  /** Which rule saw it: `schema-sql`. */
  readonly rule: string;
  readonly path: string;
  readonly side: 'added' | 'removed';
  /** As in `DiffLine`; null for a file as a whole. */
  readonly line: number | null;
  /** One sentence without the place, with what was seen. Never a credential. */
  readonly message: string;
}

/** What nobody read may hold anything. */
export const UNREAD_ZONE = 'unread';

/** Longest list of findings a change keeps. The zones of its files are exact. */
export const MAX_LISTED_RISKS = 200;

/** `src/a.ts:12`. */
export function riskPlace({ path, line }: Pick<RiskFinding, 'path' | 'line'>): string {
  return line === null ? path : `${path}:${line}`;
}
