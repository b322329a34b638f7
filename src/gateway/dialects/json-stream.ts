/**
 * An answer in bare JSON as it comes in: one value, or the elements of one array (Gemini streams an array where server-sent
 * events were not asked for). Each is handed on when its last byte is there, so that a cut answer keeps what was whole.
 */
import { createGrowingBytes } from './growing-bytes.ts';
import type { GrowingBytes } from './growing-bytes.ts';

export interface JsonStream {
  /** Cut anywhere; the buffer is the caller's again afterwards. */
  push(bytes: Uint8Array): void;
}

export interface JsonStreamEvents {
  /** Bytes of one whole value. */
  readonly onValue: (bytes: Uint8Array) => void;
  readonly onProblem: (problem: string) => void;
  /** The top value is closed. */
  readonly onClosed: () => void;
  /** Largest value that is kept, bytes. */
  readonly maxBytes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

interface State {
  depth: number;
  /** Depth at which values are whole: 0, or 1 inside a top array. */
  base: number;
  inString: boolean;
  escaped: boolean;
  started: boolean;
  closed: boolean;
  broken: boolean;
  /** Part of a value was read and its end was not. */
  pending: boolean;
  /** What there is of that value, copied: the caller may use its buffer again. */
  readonly held: GrowingBytes;
}

/** What a byte is to the value under way. */
type Step = 'between' | 'part' | 'last';

function breakOff(state: State, events: JsonStreamEvents, problem: string): void {
  state.broken = true;
  state.held.drop(state.held.size());
  events.onProblem(problem);
}

function keep(state: State, events: JsonStreamEvents, piece: Uint8Array): void {
  if (state.held.size() + piece.length > events.maxBytes) {
    breakOff(state, events, `a value is larger than ${events.maxBytes} bytes`);
  } else if (piece.length > 0) state.held.append(piece);
}

function give(state: State, events: JsonStreamEvents, piece: Uint8Array): void {
  keep(state, events, piece);
  if (state.broken) return;
  const value = state.held.view().slice();
  state.held.drop(value.length);
  events.onValue(value);
}

function close(state: State, events: JsonStreamEvents): void {
  state.closed = true;
  // Of a value that is not in an array, its reader is told first.
  if (state.base === 1) events.onClosed();
}

/** Outside of a value: spaces, the bracket of a top array, and commas in it. */
function stepBetween(state: State, events: JsonStreamEvents, byte: number): Step {
  if (SPACES.has(byte)) return 'between';
  if (state.closed) breakOff(state, events, 'something follows the end of the answer');
  else if (!state.started && byte === OPEN_ARRAY) {
    state.base = 1;
    state.depth = 1;
    state.started = true;
  } else if (!state.started && byte !== OPEN_OBJECT) breakOff(state, events, 'the answer is no JSON object or array');
  else if (state.base === 1 && byte === CLOSE_ARRAY) close(state, events);
  else if (state.base === 0 || byte !== COMMA) return stepInside(state, events, byte);
  return 'between';
}

function stepInside(state: State, events: JsonStreamEvents, byte: number): Step {
  state.started = true;
  state.pending = true;
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) state.depth += 1;
  else if (byte === QUOTE) state.inString = true;
  else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
    state.depth -= 1;
    if (state.depth === state.base) return 'last';
    if (state.depth < state.base) close(state, events);
  }
  return 'part';
}

function stepString(state: State, byte: number): Step {
  if (state.escaped) state.escaped = false;
  else if (byte === BACKSLASH) state.escaped = true;
  else if (byte === QUOTE) state.inString = false;
  return 'part';
}

function step(state: State, events: JsonStreamEvents, byte: number): Step {
  if (state.inString) return stepString(state, byte);
  return state.pending && !state.closed ? stepInside(state, events, byte) : stepBetween(state, events, byte);
}

function push(state: State, events: JsonStreamEvents, bytes: Uint8Array): void {
  let from = 0;
  for (let at = 0; at < bytes.length && !state.broken; at += 1) {
    const what = step(state, events, bytes[at] ?? 0);
    if (what === 'last') {
      give(state, events, bytes.subarray(from, at + 1));
      state.pending = false;
      if (state.base === 0 && !state.broken) {
        state.closed = true;
        events.onClosed();
      }
    }
    if (what !== 'part') from = at + 1;
  }
  if (!state.broken && !state.closed) keep(state, events, bytes.subarray(from));
}

export function createJsonStream(events: JsonStreamEvents): JsonStream {
  const state: State = {
    depth: 0,
    base: 0,
    inString: false,
    escaped: false,
    started: false,
    closed: false,
    broken: false,
    pending: false,
    held: createGrowingBytes(),
  };
  return { push: (bytes) => push(state, events, bytes) };
}
