/** One spelling of plain data, for hashes; and freezing, so that nothing changes what was hashed. */
import { createHash } from 'node:crypto';
import type { ResolvedPolicy } from '../core/policy.ts';

/** JSON with sorted keys and without spaces. Two values have the same text exactly when they are the same data. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 in lower-case hex over the canonical JSON. Independent of the order of keys; lists keep theirs. */
export function hashPolicy(policy: ResolvedPolicy): string {
  return createHash('sha256').update(canonicalJson(policy)).digest('hex');
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
