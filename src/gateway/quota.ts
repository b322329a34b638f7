/** When a vendor that turned a call away takes calls again. Pure. */
import { DURATION_UNITS_MS } from '../core/duration-units.ts';
import type { Headers } from './dialects/dialect.ts';

/** Statuses that say "not now": rate limits (RFC 6585), overload (RFC 9110), and Anthropic's own 529. */
const NOT_NOW: ReadonlySet<number> = new Set([429, 503, 529]);

/** Codes in error bodies that say "not until somebody pays"; waiting does not help. */
const UNTIL_PAID = /\b(insufficient_quota|billing_hard_limit_reached|credit balance is too low)\b/;

export function turnsAway(status: number): boolean {
  return NOT_NOW.has(status);
}

export function untilPaid(body: string): boolean {
  return UNTIL_PAID.test(body);
}

function one(headers: Headers, name: string): string | null {
  const value = headers[name];
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

/** `6m0s`, `1.5s`, `20ms`; null where it is something else. */
function durationMs(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (DURATION_UNITS_MS[unit] ?? 0), 0);
}

/** Seconds, a date (RFC 9110, section 10.2.3), or a duration. */
function instant(text: string, now: number): number | null {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    const seconds = Number(trimmed);
    // Some vendors write the instant itself, in seconds since 1970.
    return seconds > 1_000_000_000 ? seconds * 1_000 : now + seconds * 1_000;
  }
  const span = durationMs(trimmed);
  if (span !== null) return now + span;
  const date = Date.parse(trimmed);
  return Number.isNaN(date) ? null : date;
}

/** Latest first to matter: a call needs every one of its limits to have room again. */
const RESETS = [
  'anthropic-ratelimit-unified-reset',
  'anthropic-ratelimit-requests-reset',
  'anthropic-ratelimit-tokens-reset',
  'anthropic-ratelimit-input-tokens-reset',
  'anthropic-ratelimit-output-tokens-reset',
  'x-ratelimit-reset-requests',
  'x-ratelimit-reset-tokens',
] as const;

/** Google says it in the body (google.rpc.RetryInfo). */
function retryDelay(body: string, now: number): number | null {
  const text = /"retryDelay"\s*:\s*"([^"]{1,40})"/.exec(body)?.[1];
  return text === undefined ? null : instant(text, now);
}

/** Nobody is believed who says longer than this; a person looks then. */
const LONGEST_WAIT_MS = 8 * 86_400_000;

/** Milliseconds since 1970 UTC; null where the vendor does not say. `now` likewise. */
export function resetAt(headers: Headers, body: string, now: number): number | null {
  const retryAfterMs = one(headers, 'retry-after-ms');
  const retryAfter = one(headers, 'retry-after');
  const said =
    (retryAfterMs !== null && /^\d+$/.test(retryAfterMs) ? now + Number(retryAfterMs) : null) ??
    (retryAfter === null ? null : instant(retryAfter, now)) ??
    retryDelay(body, now) ??
    latest(RESETS.map((name) => one(headers, name)).map((text) => (text === null ? null : instant(text, now))));
  if (said === null || said <= now) return null;
  return Math.min(Math.ceil(said), now + LONGEST_WAIT_MS);
}

function latest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.max(...known);
}
