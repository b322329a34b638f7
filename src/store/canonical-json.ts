/**
 * One text per value, so that a hash over the text is a hash over the value: keys sorted by UTF-16 code unit, no white
 * space, numbers and strings as ECMAScript writes them (RFC 8785). Lone surrogates, which that RFC refuses, are kept as
 * `\ud800` escapes: agents print them, and the log must hold what was seen. The text is always valid UTF-8 without NUL,
 * because JSON escapes both.
 *
 * What JSON would change without a word (NaN, undefined in a list, functions) is a defect of the caller and refused.
 */
import { assert } from '../core/errors.ts';

export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    assert(Number.isFinite(value), `a number in an event is finite, not ${value}`);
    return JSON.stringify(value);
  }
  assert(typeof value === 'object', `an event holds plain data, not a ${typeof value}`);
  // Array.from visits holes too, which then are refused as undefined.
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown) => canonicalJson(item)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, 'an event holds plain objects only');
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
