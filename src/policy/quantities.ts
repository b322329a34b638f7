/**
 * Quantities as people write them, in the policy file and on the command line: durations, sizes, counts and dollars.
 * Parsers return the problem as words instead of throwing, because the caller knows where the text stands.
 */
import { DURATION_UNITS_MS } from '../core/duration-units.ts';

export type Parsed<T = number> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/** The word for "no ceiling". Never 0: a zero that means "none" is how a typo becomes an open budget. */
export const UNLIMITED = 'unlimited';

const UNITS_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
const UNITS_COUNT: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };

/** Timers of the platform hold 2^31-1 ms (24.8 days); a longer delay would fire at once. */
export const MAX_DURATION_MS: number = 24 * 86_400_000;
export const MAX_BYTES: number = 2 ** 40;
export const MAX_COUNT = 1_000_000_000_000;
export const MAX_USD = 1_000_000;
/** US dollars per million tokens. The dearest of the price book is 600; above this it is a slip of the unit. */
export const MAX_PRICE_USD = 10_000;
/** Known factors go from 0.5 (batch) to 6 (fast mode of Claude Opus 4.6); outside of these bounds it is a slip of the pen. */
export const MIN_MULTIPLIER = 0.01;
export const MAX_MULTIPLIER = 100;

const DURATION_HELP = 'write a number with its unit, such as `90s`, `10m` or `1h30m`';
const BYTES_HELP = 'write a size such as `512 KiB`, `10 MiB` or `1 GB`, or a plain number of bytes';
const COUNT_HELP = 'write a whole number such as `50`, `2_000_000` or `2M`';
const USD_HELP = 'write US dollars such as `5` or `0.50`';

function no(problem: string): Parsed {
  return { ok: false, problem };
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(value) : `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
}

/** `positive` is checked here once, so that no quantity of a policy can be zero, negative or not a number. */
function within(value: number, written: string | number, most: number, mostShown: string): Parsed {
  if (!Number.isFinite(value)) return no(`${shown(written)} is not a finite number`);
  if (value <= 0) return no(`${shown(written)} is not above zero`);
  if (value > most) return no(`${shown(written)} is above the largest value, ${mostShown}`);
  return { ok: true, value };
}

/** Milliseconds from `250ms`, `90s`, `10m`, `1h30m`, `1.5h`, `2d`. Units go from large to small, each once. */
export function parseDuration(written: string | number): Parsed {
  if (typeof written === 'number') return no(`${written} has no unit; ${DURATION_HELP}`);
  const text = written.trim();
  if (!/^-?(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/i.test(text))
    return no(`${shown(written)} is not a duration; ${DURATION_HELP}`);
  if (text.startsWith('-')) return within(-1, written, MAX_DURATION_MS, '24d');
  let total = 0;
  let previous = Number.POSITIVE_INFINITY;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const factor = Object.hasOwn(DURATION_UNITS_MS, unit) ? DURATION_UNITS_MS[unit] : undefined;
    if (factor === undefined) return no(`${shown(written)} has the unknown unit \`${unit}\`; units are ms, s, m, h, d`);
    if (factor >= previous) return no(`${shown(written)} repeats or mixes its units; ${DURATION_HELP}`);
    previous = factor;
    total += Number(digits) * factor;
  }
  const rounded = Math.round(total);
  return within(rounded, written, MAX_DURATION_MS, '24d');
}

/** Bytes from `10 MiB`, `1GB` or a plain number. Decimal units are powers of 1000, `Ki`, `Mi`, `Gi` of 1024. */
export function parseBytes(written: string | number): Parsed {
  const match = /^(-?)(\d+(?:\.\d+)?(?:e\d+)?)\s*([a-z]*)$/i.exec(String(written).trim());
  if (match === null && typeof written === 'number') return within(written, written, MAX_BYTES, '1024 GiB');
  const unit = (match?.[3] ?? '').toLowerCase() || 'b';
  const factor = Object.hasOwn(UNITS_BYTES, unit) ? UNITS_BYTES[unit] : undefined;
  if (match === null || factor === undefined) return no(`${shown(written)} is not a size; ${BYTES_HELP}`);
  const bytes = Number(match[2]) * factor * (match[1] === '-' ? -1 : 1);
  if (Number.isFinite(bytes) && !Number.isInteger(bytes))
    return no(`${shown(written)} is not a whole number of bytes; ${BYTES_HELP}`);
  return within(bytes, written, MAX_BYTES, '1024 GiB');
}

/** A whole number above zero from `50`, `2_000_000`, `200k` or `2M`. */
export function parseCount(written: string | number): Parsed {
  const match = /^(-?)(\d{1,3}(?:_\d{3})+|\d+(?:\.\d+)?(?:e\+?\d+)?)\s*([km]?)$/i.exec(String(written).trim());
  if (match === null) {
    if (typeof written === 'number') return within(written, written, MAX_COUNT, '10^12');
    return no(`${shown(written)} is not a whole number; ${COUNT_HELP}`);
  }
  const factor = UNITS_COUNT[(match[3] ?? '').toLowerCase()] ?? 1;
  const value = Number((match[2] ?? '').replaceAll('_', '')) * factor * (match[1] === '-' ? -1 : 1);
  if (Number.isFinite(value) && !Number.isInteger(value))
    return no(`${shown(written)} is not a whole number; ${COUNT_HELP}`);
  return within(value, written, MAX_COUNT, '10^12');
}

/** US dollars from `5`, `0.50`, `$5` or `5 USD`; at most six decimals, because the ledger books micro-dollars. */
export function parseUsd(written: string | number): Parsed {
  if (typeof written === 'number' && !Number.isFinite(written)) return within(written, written, MAX_USD, '1000000');
  const match = /^(-?)\$?\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(?:usd)?$/i.exec(String(written).trim());
  if (match === null) return no(`${shown(written)} is not an amount; ${USD_HELP}`);
  const value = Number(match[2]) * (match[1] === '-' ? -1 : 1);
  if (Math.abs(value * 1e6 - Math.round(value * 1e6)) > 1e-4) {
    return no(`${shown(written)} is finer than a millionth of a dollar; ${USD_HELP}`);
  }
  return within(value, written, MAX_USD, '1000000');
}

/** US dollars per million tokens (or per thousand searches), as vendors list them. */
export function parsePrice(written: string | number): Parsed {
  const parsed = parseUsd(written);
  return parsed.ok ? within(parsed.value, written, MAX_PRICE_USD, `${MAX_PRICE_USD} a million tokens`) : parsed;
}

/** A factor on a list price: `2`, `0.5`. */
export function parseMultiplier(written: string | number): Parsed {
  if (typeof written === 'string' && !/^-?\d+(?:\.\d+)?$/.test(written.trim()))
    return no(`${shown(written)} is not a number; write a factor such as \`0.5\` or \`2\``);
  const parsed = within(Number(written), written, MAX_MULTIPLIER, String(MAX_MULTIPLIER));
  if (!parsed.ok || parsed.value >= MIN_MULTIPLIER) return parsed;
  return no(`${shown(written)} is below the smallest factor, ${MIN_MULTIPLIER}`);
}

/** `1h30m`, `90s` becomes `1m30s`, `250ms`. Read back by `parseDuration` to the same number. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const factor = DURATION_UNITS_MS[unit] ?? 1;
    const count = Math.floor(rest / factor);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * factor;
  }
  return parts.length === 0 ? '0s' : parts.join('');
}

/** The largest unit that divides exactly (`16 MiB`, `1 GB`), else plain bytes: a limit is never shown rounded. */
export function formatBytes(bytes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['GiB', 2 ** 30],
    ['GB', 1e9],
    ['MiB', 2 ** 20],
    ['MB', 1e6],
    ['KiB', 2 ** 10],
    ['kB', 1e3],
  ];
  for (const [name, factor] of units) if (bytes >= factor && bytes % factor === 0) return `${bytes / factor} ${name}`;
  return `${bytes} B`;
}

/** `2,000,000`: groups of three, the same in every locale. */
export function formatCount(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

export function formatUsd(value: number): string {
  const text = value.toFixed(6).replace(/0{1,4}$/, '');
  return `$${text}`;
}
