/** The bytes of a JSON report to a value, and the few questions that readers ask of a value whose shape nobody promised. */
import { isFields } from '../core/fields.ts';
import { decodeReport } from './decode.ts';
import { unreadable } from './reading.ts';
import type { ReportOrigin, UnreadableReport } from './reading.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object, empty where there is none. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isFields(inner) ? inner : {};
}

/** The objects of a list; null when it is no list, or when something else is in it: what is not understood is not read. */
export function objectsOf(value: unknown): readonly JsonObject[] | null {
  return Array.isArray(value) && value.every(isFields) ? value : null;
}

/** Empty when it is no text. */
export function textAt(value: JsonObject, key: string): string {
  const inner = value[key];
  return typeof inner === 'string' ? inner : '';
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** 0 when it is no count. */
export function countAt(value: JsonObject, key: string): number {
  const inner = value[key];
  return isCount(inner) ? inner : 0;
}

/** Lines that could begin the report in a stream of something else are tried in order; a banner has a handful. */
const MAX_STARTS = 20;

/** Another beginning is tried only while the attempts before it were short: a broken report of 64 MB takes seconds each. */
const MAX_TRIED_CHARS = 8 * 1024 * 1024;

type Parsed = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'broken'; readonly words: string };

function parsed(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'value', value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8 quotes the text itself behind the first comma.
    return { kind: 'broken', words: error.message.split(',')[0] ?? '' };
  }
}

/**
 * Where a report can begin: a brace at the margin that something of JSON follows, so `[DEBUG]` is none. One further in
 * belongs to something that was cut.
 */
function starts(text: string): readonly number[] {
  const found: number[] = [];
  for (const match of text.matchAll(/^(?:\{\s*["}]|\[\s*[{[\]"])/gm)) {
    found.push(match.index);
    if (found.length === MAX_STARTS) break;
  }
  return found;
}

function amidNoise(text: string): Parsed | null {
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  let tried = 0;
  for (const start of starts(text)) {
    if (tried > MAX_TRIED_CHARS) return null;
    const one = parsed(text.slice(start, end));
    if (one.kind === 'value') return one;
    tried += end - start;
  }
  return null;
}

export interface JsonShape<T> {
  /** As in "is JSON, but not a CTRF report", article included. */
  readonly label: string;
  /** null when the value is no such report. `whole`: the text it came from, noise included. */
  read(value: unknown, whole: string): T | UnreadableReport | null;
}

/** Pure and total. In a stream the report may stand between lines of something else. */
export function readJson<T>(bytes: Uint8Array, origin: ReportOrigin, shape: JsonShape<T>): T | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const text = decoded.text.trim();
  if (text === '') return unreadable('is empty');
  const whole = parsed(text);
  const found = whole.kind === 'broken' && origin === 'stream' ? (amidNoise(text) ?? whole) : whole;
  if (found.kind === 'broken') return unreadable(`is not JSON or is incomplete (${found.words})`);
  return shape.read(found.value, text) ?? unreadable(`is JSON, but not ${shape.label}`);
}
