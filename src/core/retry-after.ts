/** When a server wants to be asked again. Pure. */

/** `Retry-After` (RFC 9110, 10.2.3), seconds or a date, in ms from `now`; null where it is neither. */
export function retryAfterMs(value: string, now: number): number | null {
  if (/^\d{1,7}$/.test(value.trim())) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
