/** Where keys travel. The agent's key comes in wherever its client puts one; the real one leaves in one place only. */
import type { Headers } from './dialect.ts';

/**
 * Every header that carries a key or a login in any dialect. All of them are taken out, also those of other dialects: what
 * a vendor does with a second key is its own affair.
 */
const KEY_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'x-amz-security-token',
  'cookie',
  'cookie2',
]);

/** Query parameters that Google's services take a key or a login from ("System parameters" of the Google Cloud APIs). */
const KEY_PARAMETERS: ReadonlySet<string> = new Set(['key', '$key', 'access_token', '$access_token', 'oauth_token']);

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What HTTP/1.1 lets through in a value (RFC 9110, 5.5) and Node sends as it is: no line breaks, nothing beyond latin-1. */
const HEADER_VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/;

/** The one value of a header; null where it is absent or given more than once with different values. */
export function soleHeader(headers: Headers, name: string): string | null {
  const values = Object.entries(headers).flatMap(([key, value]) =>
    key.toLowerCase() === name && value !== undefined ? value : [],
  );
  const distinct = [...new Set(values)];
  return distinct.length === 1 ? (distinct[0] ?? null) : null;
}

export function bearerOf(headers: Headers): string | null {
  return /^Bearer +(\S+)$/i.exec(soleHeader(headers, 'authorization')?.trim() ?? '')?.[1] ?? null;
}

/** The key in a header of its own; null where it is absent or empty. */
export function headerKey(headers: Headers, name: string): string | null {
  const value = soleHeader(headers, name)?.trim() ?? '';
  return value === '' ? null : value;
}

function queryOf(path: string): { readonly bare: string; readonly pairs: readonly string[] } {
  const mark = path.indexOf('?');
  if (mark < 0) return { bare: path, pairs: [] };
  return { bare: path.slice(0, mark), pairs: path.slice(mark + 1).split('&') };
}

/** Decoded names and values; a name may hide behind percent signs. */
export function queryParameters(path: string): URLSearchParams {
  return new URLSearchParams(queryOf(path).pairs.join('&'));
}

export function queryKey(path: string): string | null {
  const values = new Set(queryParameters(path).getAll('key'));
  const [value] = values;
  return values.size === 1 && value !== undefined && value !== '' ? value : null;
}

/** The path without any parameter that carries a key; every other byte as it was. For what goes to the vendor or a log. */
export function withoutQueryKey(path: string): string {
  const { bare, pairs } = queryOf(path);
  const kept = pairs.filter((pair) => [...new URLSearchParams(pair).keys()].every((name) => !KEY_PARAMETERS.has(name)));
  return kept.length === 0 ? bare : `${bare}?${kept.join('&')}`;
}

function isSendable(value: string): boolean {
  return HEADER_VALUE.test(value);
}

/**
 * The client's headers without any carrier of a key, with `carrier` put in. Headers that HTTP cannot carry are left out; a
 * key that it cannot carry throws, without naming it.
 */
export function replaceKey(
  headers: Headers,
  carrier: { readonly name: string; readonly value: string } | null,
  dropped: readonly string[] = [],
): Headers {
  const kept = Object.entries(headers).filter(([name, value]) => {
    if (value === undefined || !HEADER_NAME.test(name)) return false;
    const lower = name.toLowerCase();
    if (KEY_HEADERS.has(lower) || dropped.includes(lower)) return false;
    return typeof value === 'string' ? isSendable(value) : value.every(isSendable);
  });
  if (carrier === null) return Object.fromEntries(kept);
  if (!isSendable(carrier.value)) throw new TypeError('the key holds a character that no header can carry');
  return Object.fromEntries([...kept, [carrier.name, carrier.value]]);
}
