/**
 * Which blobs a `forget` may delete: those no remaining event names, unless somebody may be about to name them.
 *
 * A payload is put before the event that names it is appended. Between the two no event shows that it is needed. So a
 * blob stays that was put (again) within `SETTLE_MS`, if a lease on another run that may still be alive was claimed
 * before that. What nobody ever came to name (a process died between the two steps) goes once it is that old.
 */

/**
 * Milliseconds. Far above the time between putting a blob and naming it (milliseconds) even when the machine slept in
 * between; it only decides how long the remains of a crash take up space.
 */
export const SETTLE_MS = 3_600_000;

export interface Horizons {
  /** Blobs of the forgotten run that were last put before this go. Wall clock, milliseconds since 1970 UTC. */
  readonly named: number;
  /** Blobs nobody ever named that were last put before this go. */
  readonly neverNamed: number;
}

/** `oldestClaim`: when the oldest lease on another run was claimed that ended less than `SETTLE_MS` ago, or null. */
export function horizons(now: number, oldestClaim: number | null): Horizons {
  const settled = now - SETTLE_MS;
  return {
    named: oldestClaim === null ? Number.MAX_SAFE_INTEGER : Math.max(oldestClaim, settled),
    neverNamed: settled,
  };
}
