/** How many migrations of one change are read and tried. Pure. */
import type { ChangedSeries } from './tree.ts';

/**
 * Each is tried on a database of its own, for three minutes at most: at this many an hour. A change that touches more
 * directories of migrations than this is more than one change.
 */
export const MAX_SERIES = 20;
/** Each runs three times, and a person has to read them all before any reaches a database. */
export const MAX_MIGRATIONS = 200;

/** Why none of them is tried, with the value and the limit; null: they are. */
export function tooMany(series: readonly ChangedSeries[]): string | null {
  if (series.length > MAX_SERIES)
    return `the change has migrations in ${series.length} series; ${MAX_SERIES} are read and tried: split it`;
  const count = series.reduce(
    (sum, { added, edited, again, removed }) => sum + added.length + edited.length + again.length + removed.length,
    0,
  );
  return count > MAX_MIGRATIONS
    ? `the change has ${count} migrations; ${MAX_MIGRATIONS} are read and tried: split it`
    : null;
}
