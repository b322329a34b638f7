/**
 * A JSON body with the place of every value in it, so that a value can be changed without writing the rest anew.
 *
 * Stricter than RFC 8259 where a vendor could read a body differently from us: a name that occurs twice in one object is
 * refused (the RFC leaves open which one counts), and so is whatever is not UTF-8.
 */
import { isUtf8 } from 'node:buffer';

interface Place {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
}

export interface JsonMember {
  readonly name: string;
  /** Offset of the quote that opens the name. */
  readonly start: number;
  readonly value: JsonNode;
}

export interface JsonObject extends Place {
  readonly kind: 'object';
  readonly members: readonly JsonMember[];
}

export interface JsonArray extends Place {
  readonly kind: 'array';
  readonly elements: readonly JsonNode[];
}

export type JsonNode =
  | JsonObject
  | JsonArray
  | (Place & { readonly kind: 'string' | 'number' | 'true' | 'false' | 'null' });

export interface JsonDocument {
  readonly bytes: Uint8Array;
  readonly root: JsonNode;
}

export type JsonReading =
  | { readonly ok: true; readonly document: JsonDocument }
  /** `problem` names the offset. */
  | { readonly ok: false; readonly problem: string };

/** Schemas of tools nest about a dozen levels; the scanner recurses once per level. */
const MAX_DEPTH = 200;

/** A long conversation of an agent has some ten thousand values. Bounds the memory one body can take. */
const MAX_VALUES = 500_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** The letters that may follow a backslash alone, and the one that four hexadecimal digits follow. */
const ESCAPES: ReadonlySet<number> = new Set(new TextEncoder().encode('"\\/bfnrt'));
const UNICODE = 0x75;
const NUMBER_BYTES: ReadonlySet<number> = new Set(new TextEncoder().encode('0123456789+-.eE'));
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = ['true', 'false', 'null'] as const;

/** Why scanning stopped; never leaves this file. */
class Malformed extends Error {}

interface Scan {
  readonly bytes: Uint8Array;
  at: number;
  values: number;
}

function fail(scan: Scan, what: string): never {
  throw new Malformed(`${what} at byte ${scan.at}`);
}

function skipSpace(scan: Scan): void {
  while (SPACES.has(scan.bytes[scan.at] ?? -1)) scan.at += 1;
}

function latin(bytes: Uint8Array, { start, end }: Place): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** Leaves `at` after the closing quote. True when the string holds an escape. */
function scanString(scan: Scan): boolean {
  const { bytes } = scan;
  let at = scan.at + 1;
  let escaped = false;
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined) return fail(scan, 'a string is never closed');
    if (byte === QUOTE) break;
    if (byte < 0x20) {
      scan.at = at;
      return fail(scan, 'a bare control character in a string');
    }
    if (byte === BACKSLASH) {
      escaped = true;
      scan.at = at;
      at += escapeLength(scan);
    } else at += 1;
  }
  scan.at = at + 1;
  return escaped;
}

function isHex(byte: number): boolean {
  // The letters of both cases lie 0x20 apart.
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function escapeLength(scan: Scan): number {
  const { bytes, at } = scan;
  const letter = bytes[at + 1] ?? 0;
  if (ESCAPES.has(letter)) return 2;
  if (letter !== UNICODE) return fail(scan, 'an escape that JSON does not know');
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    if (!isHex(bytes[digit] ?? 0)) return fail(scan, 'an escape that JSON does not know');
  }
  return 6;
}

function scanName(scan: Scan): { readonly name: string; readonly start: number } {
  const start = scan.at;
  if (scan.bytes[start] !== QUOTE) return fail(scan, 'a name is missing');
  const escaped = scanString(scan);
  const text = Buffer.from(scan.bytes.buffer, scan.bytes.byteOffset + start, scan.at - start).toString();
  return { name: escaped ? String(JSON.parse(text)) : text.slice(1, -1), start };
}

/** After a value inside a container: true for a comma, false for the closing bracket. */
function goesOn(scan: Scan, close: number): boolean {
  skipSpace(scan);
  const byte = scan.bytes[scan.at];
  if (byte !== COMMA && byte !== close) return fail(scan, 'a comma or a closing bracket is missing');
  scan.at += 1;
  return byte === COMMA;
}

function isEmpty(scan: Scan, close: number): boolean {
  scan.at += 1;
  skipSpace(scan);
  if (scan.bytes[scan.at] !== close) return false;
  scan.at += 1;
  return true;
}

function scanObject(scan: Scan, depth: number): JsonObject {
  const start = scan.at;
  const members: JsonMember[] = [];
  if (isEmpty(scan, CLOSE_OBJECT)) return { kind: 'object', start, end: scan.at, members };
  const names = new Set<string>();
  do {
    skipSpace(scan);
    const named = scanName(scan);
    if (names.has(named.name))
      fail(scan, `the name ${JSON.stringify(named.name.slice(0, 100))} occurs twice in one object`);
    names.add(named.name);
    skipSpace(scan);
    if (scan.bytes[scan.at] !== COLON) fail(scan, 'a colon is missing');
    scan.at += 1;
    members.push({ ...named, value: scanValue(scan, depth + 1) });
  } while (goesOn(scan, CLOSE_OBJECT));
  return { kind: 'object', start, end: scan.at, members };
}

function scanArray(scan: Scan, depth: number): JsonArray {
  const start = scan.at;
  const elements: JsonNode[] = [];
  if (isEmpty(scan, CLOSE_ARRAY)) return { kind: 'array', start, end: scan.at, elements };
  do elements.push(scanValue(scan, depth + 1));
  while (goesOn(scan, CLOSE_ARRAY));
  return { kind: 'array', start, end: scan.at, elements };
}

function scanPlain(scan: Scan): JsonNode {
  const start = scan.at;
  for (const kind of WORDS) {
    if (latin(scan.bytes, { start, end: Math.min(start + kind.length, scan.bytes.length) }) !== kind) continue;
    scan.at += kind.length;
    return { kind, start, end: scan.at };
  }
  while (NUMBER_BYTES.has(scan.bytes[scan.at] ?? -1)) scan.at += 1;
  if (NUMBER.test(latin(scan.bytes, { start, end: scan.at }))) return { kind: 'number', start, end: scan.at };
  scan.at = start;
  return fail(scan, start < scan.bytes.length ? 'not a JSON value' : 'the body ends too early');
}

function scanValue(scan: Scan, depth: number): JsonNode {
  if (depth > MAX_DEPTH) fail(scan, `nested deeper than ${MAX_DEPTH} levels`);
  scan.values += 1;
  if (scan.values > MAX_VALUES) fail(scan, `more than ${MAX_VALUES} values`);
  skipSpace(scan);
  const start = scan.at;
  const byte = scan.bytes[start];
  if (byte === OPEN_OBJECT) return scanObject(scan, depth);
  if (byte === OPEN_ARRAY) return scanArray(scan, depth);
  if (byte !== QUOTE) return scanPlain(scan);
  scanString(scan);
  return { kind: 'string', start, end: scan.at };
}

export function readJson(bytes: Uint8Array): JsonReading {
  if (!isUtf8(bytes)) return { ok: false, problem: 'the body is not UTF-8' };
  const scan: Scan = { bytes, at: 0, values: 0 };
  try {
    const root = scanValue(scan, 0);
    skipSpace(scan);
    if (scan.at < bytes.length) fail(scan, 'something follows the JSON value');
    return { ok: true, document: { bytes, root } };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, problem: `the body is not JSON that can be read in one way only: ${error.message}` };
  }
}

/** The value of a node, as `JSON.parse` gives it. */
export function valueOf(document: JsonDocument, { start, end }: JsonNode): unknown {
  const { bytes } = document;
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString());
}

export function memberOf(node: JsonNode, name: string): JsonNode | null {
  if (node.kind !== 'object') return null;
  return node.members.find((member) => member.name === name)?.value ?? null;
}

/** The node and everything below it. */
export function* nodesBelow(node: JsonNode): Generator<JsonNode> {
  const waiting: JsonNode[] = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    if (next.kind === 'array') for (const element of next.elements) waiting.push(element);
    if (next.kind === 'object') for (const member of next.members) waiting.push(member.value);
  }
}
