/** Looking into what a vendor sent. Absent and of a wrong type are the same here: an answer is metered, not judged. */
import { isFields } from '../../core/fields.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

export function recordIn(value: unknown, name: string): JsonRecord | null {
  const member = isFields(value) ? value[name] : undefined;
  return isFields(member) ? member : null;
}

export function listIn(value: unknown, name: string): readonly unknown[] {
  const member = isFields(value) ? value[name] : undefined;
  return Array.isArray(member) ? member : [];
}

export function textIn(value: unknown, name: string): string | null {
  const member = isFields(value) ? value[name] : undefined;
  return typeof member === 'string' ? member : null;
}

export function fieldIn(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

/** What `JSON.parse` makes of a text; undefined where it is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A text, or a number as one: vendors write codes and places either way. */
export function labelIn(value: unknown, name: string): string | null {
  const member = fieldIn(value, name);
  return typeof member === 'string' || typeof member === 'number' ? String(member) : null;
}

/**
 * About as many bytes as the value has in JSON. Walks with a list of its own: a vendor may nest deeper than the stack, which
 * `JSON.stringify` would not survive.
 */
export function bytesOf(value: unknown): number {
  const waiting: unknown[] = [value];
  let bytes = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    bytes += 2;
    if (typeof next === 'string') bytes += Buffer.byteLength(next);
    else if (typeof next === 'number') bytes += String(next).length;
    else if (Array.isArray(next)) for (const element of next) waiting.push(element);
    else if (isFields(next)) {
      for (const [name, member] of Object.entries(next)) {
        bytes += Buffer.byteLength(name) + 3;
        waiting.push(member);
      }
    }
  }
  return bytes;
}
