/** A person says that nothing may land at some paths, and that no agent works there, until it is over. */

export interface Freeze {
  /** `f1`, `f2` ... in the order they were made on this host. */
  readonly id: string;
  /** Absolute path; null: every repository of this host. */
  readonly repository: string | null;
  /** Globs as in the policy. */
  readonly paths: readonly string[];
  readonly reason: string;
  readonly by: string;
  /** Milliseconds since 1970 UTC; null: until somebody thaws it. */
  readonly until: number | null;
}

export type FreezeEvent =
  /** What of the run the freeze covers is parked; a turn under way ends first and is collected. */
  | { readonly type: 'run.frozen'; readonly freeze: Freeze }
  | { readonly type: 'run.thawed'; readonly freezes: readonly string[] };

export const FREEZE_EVENT_MEANINGS: Readonly<Record<FreezeEvent['type'], string>> = {
  'run.frozen': 'A person froze paths the run may change, so it waits.',
  'run.thawed': 'Nothing the run may change is frozen any more.',
};

/** `infra/**, by ann until 2026-11-26T10:00:00.000Z: outage` */
export function freezeWords({ paths, by, until, reason }: Freeze): string {
  const end = until === null ? '' : ` until ${new Date(until).toISOString()}`;
  return `${paths.join(', ')} frozen by ${by}${end}: ${reason}`;
}
