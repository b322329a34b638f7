/**
 * Where a body is cut so that the calls of one conversation share most of their pieces. Only bytes are looked at: nothing
 * is parsed into values and nothing written again, so whatever was sent is what the pieces join up to, valid or not.
 */
import { hash } from 'node:crypto';

/** A run of bytes of a body. The pieces of a body join up to it, in order and without gaps. */
export interface Piece {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly hash: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** Bodies longer than this are cut more coarsely: 100 MB of numbers must not become a million pieces. */
const LARGE_BODY_BYTES = 4 * 1024 * 1024;

/** Longer pieces are cut at multiples of this, so that no step of hashing or compressing holds up other calls for long. */
const LONGEST_PIECE_BYTES = 1024 * 1024;

interface Sizes {
  /** A part at least this long is a piece of its own; shorter neighbours join. */
  readonly leastBytes: number;
  /** A string at least this long is a part, wherever it stands: what moves around it (a cache mark) leaves it the same. */
  readonly stringBytes: number;
}

const USUAL: Sizes = { leastBytes: 256, stringBytes: 1_024 };
const COARSE: Sizes = { leastBytes: 64 * 1_024, stringBytes: 256 * 1_024 };

/** A quote after an odd number of backslashes is part of its string. */
function isEscaped(bytes: Uint8Array, open: number, quote: number): boolean {
  let at = quote - 1;
  while (at > open && bytes[at] === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
}

/** Index after the closing quote of the string that opens at `open`, or the end where none closes it. */
function stringEnd(bytes: Uint8Array, open: number): number {
  let quote = bytes.indexOf(QUOTE, open + 1);
  while (quote >= 0 && isEscaped(bytes, open, quote)) quote = bytes.indexOf(QUOTE, quote + 1);
  return quote < 0 ? bytes.length : quote + 1;
}

/**
 * Calls `cut` at growing indices: around each element of the lists at the top (`messages`, `input`, `tools`) and around each
 * long string. A comma belongs to the element after it: then appending an element changes none before it.
 */
function scan(bytes: Uint8Array, stringBytes: number, cut: (at: number) => void): void {
  let [depth, first, second] = [0, 0, 0];
  const inList = (): boolean =>
    (depth === 1 && first === OPEN_LIST) || (depth === 2 && first === OPEN_OBJECT && second === OPEN_LIST);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      if (end - at >= stringBytes) {
        cut(at);
        cut(end);
      }
      at = end - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth === 1) first = byte;
      if (depth === 2) second = byte;
      if (inList()) cut(at + 1);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (inList()) cut(at);
      depth = Math.max(0, depth - 1);
    } else if (byte === COMMA && inList()) cut(at);
  }
}

function looksLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20);
  return first === OPEN_OBJECT || first === OPEN_LIST;
}

/** Long parts alone, short neighbours joined until they are long enough. */
function spans(bytes: Uint8Array): readonly (readonly [start: number, end: number])[] {
  const { leastBytes, stringBytes } = bytes.length > LARGE_BODY_BYTES ? COARSE : USUAL;
  const found: [number, number][] = [];
  let [joined, last] = [0, 0];
  const emit = (start: number, end: number): void => {
    for (let at = start; at < end; at += LONGEST_PIECE_BYTES) found.push([at, Math.min(end, at + LONGEST_PIECE_BYTES)]);
  };
  const cut = (at: number): void => {
    if (at - last >= leastBytes) {
      emit(joined, last);
      emit(last, at);
      joined = at;
    } else if (at - joined >= 4 * leastBytes) {
      emit(joined, at);
      joined = at;
    }
    last = at;
  };
  if (looksLikeJson(bytes)) scan(bytes, stringBytes, cut);
  cut(bytes.length);
  emit(joined, bytes.length);
  return found;
}

/** Anything but JSON (and an answer that streams is not) is one piece, or several of a mebibyte. */
export function piecesOf(bytes: Uint8Array): readonly Piece[] {
  return spans(bytes).map(([start, end]) => ({ start, end, hash: hash('sha256', bytes.subarray(start, end)) }));
}

/** The pieces as lengths under their names: what bounds and remembers tokens. */
export function sizesOf(pieces: readonly Piece[]): readonly { readonly hash: string; readonly bytes: number }[] {
  return pieces.map(({ start, end, hash }) => ({ hash, bytes: end - start }));
}
