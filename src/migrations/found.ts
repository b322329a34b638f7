/** What a rule on SQL says, and how it is said. */

export interface LintSighting {
  readonly detector: 'migration-destructive' | 'migration-locks';
  /** Within the text. */
  readonly line: number;
  /** One sentence without the place. */
  readonly message: string;
  /** What rows hold that is gone afterwards; absent: nothing is. */
  readonly lost?: string;
}

export type Found = Omit<LintSighting, 'line'>;

export function destroys(message: string, lost?: string): Found {
  return { detector: 'migration-destructive', message, ...(lost === undefined ? {} : { lost }) };
}

export function locks(message: string): Found {
  return { detector: 'migration-locks', message };
}
