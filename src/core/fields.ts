/** Looking into what was parsed and may hold anything. */

export type Fields = Readonly<Record<string, unknown>>;

/** An object by name: no list, and not null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
