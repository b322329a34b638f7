/** Reading what a forge answers: a field that is not what it is documented to be counts as absent. */

import { isFields, type Fields } from '../core/fields.ts';

export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function items(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** null for what is no text, or an empty one. */
export function words(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** null for what cannot be the number of a request. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** A whole object name of git, or null. */
export function commitOf(value: unknown): string | null {
  const text = words(value);
  return text !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}

/** `@name`, for accounts whose name is under `key`. */
export function accounts(value: unknown, key: string): readonly string[] {
  return items(value).flatMap((one) => {
    const name = words(one[key]);
    return name === null ? [] : [`@${name}`];
  });
}

/** A path in an address; slashes part it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
