/** Quantities in words. */

/** `1 file`, `3 files`. */
export function count(value: number, one: string, many: string = `${one}s`): string {
  return `${integer(value)} ${value === 1 ? one : many}`;
}

/** Whole numbers with thousands separated: `12,345`. */
export function integer(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function pair(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit} ${rest}${restUnit}`;
}

/** At most two units, rounded down: `850ms`, `4.2s`, `1m 12s`, `2h 5m`, `3d 4h`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 10 * SECOND_MS) return `${(Math.floor(ms / 100) / 10).toFixed(1).replace('.0', '')}s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return pair(Math.floor(ms / MINUTE_MS), 'm', Math.floor((ms % MINUTE_MS) / SECOND_MS), 's');
  if (ms < DAY_MS) return pair(Math.floor(ms / HOUR_MS), 'h', Math.floor((ms % HOUR_MS) / MINUTE_MS), 'm');
  return pair(Math.floor(ms / DAY_MS), 'd', Math.floor((ms % DAY_MS) / HOUR_MS), 'h');
}

/** How long ago, in one unit: `now`, `5m`, `3h`, `2d`. */
export function age(ms: number): string {
  if (ms < MINUTE_MS) return 'now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

/** Powers of 1024, named as such: `512 B`, `1.5 KiB`, `10 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value / 1024;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  const digits = scaled < 10 && !Number.isInteger(scaled) ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** US dollars; below a cent with four digits, so that little is not shown as nothing. */
export function money(usd: number): string {
  return usd > 0 && usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

/** `2026-03-01 14:05:09Z`: sortable, without a locale, the zone said. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** `+12 -3`. */
export function lines(added: number, removed: number): string {
  return `+${integer(added)} -${integer(removed)}`;
}

/** Twelve characters of an object id or a hash: enough for people; records hold the whole. */
export function short(hash: string): string {
  return hash.slice(0, 12);
}

/** Object ids within words, shortened; records hold the whole. */
export function shortHashes(words: string): string {
  return words.replace(/\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g, short);
}

/** The first few of a list and how many more there are. */
export function some(items: readonly string[], max: number): string {
  const shown = items.slice(0, max).join(', ');
  return items.length > max ? `${shown} and ${integer(items.length - max)} more` : shown;
}
