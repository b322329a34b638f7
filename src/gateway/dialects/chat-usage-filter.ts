/**
 * Takes the extra chunk with usage out of a chat stream, for a client that did not ask for it: it has no choices, and some
 * clients read the first choice of every chunk. Everything else passes byte by byte.
 */
import { isFields } from '../../core/fields.ts';
import { listIn, parsedJson, recordIn } from './answer-values.ts';

export interface UsageChunkFilter {
  /** What may go on now: whole events. Cut anywhere. */
  push(bytes: Uint8Array): Uint8Array;
  /** What is left of an event that was not closed. */
  end(): Uint8Array;
}

/** Larger events are passed on as they come. */
const MAX_HELD_BYTES = 1_024 * 1_024;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

function isUsageChunk(event: Uint8Array): boolean {
  const text = new TextDecoder().decode(event);
  if (!text.includes('"usage"')) return false;
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.startsWith('data:'));
  const value = parsedJson(lines.map((line) => line.slice('data:'.length)).join('\n'));
  return (
    isFields(value) &&
    Array.isArray(value['choices']) &&
    listIn(value, 'choices').length === 0 &&
    recordIn(value, 'usage') !== null
  );
}

/** Offset after the empty line that closes the first event, or -1. A line feed after a carriage return is one line end. */
function eventEnd(bytes: Uint8Array): number {
  let empty = true;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== LINE_FEED && byte !== RETURN) {
      empty = false;
      continue;
    }
    // Whether a line feed follows is not known yet.
    if (byte === RETURN && at + 1 === bytes.length) return -1;
    if (byte === RETURN && bytes[at + 1] === LINE_FEED) at += 1;
    if (empty) return at + 1;
    empty = true;
  }
  return -1;
}

export function createUsageChunkFilter(): UsageChunkFilter {
  let held: Uint8Array = new Uint8Array();
  return {
    push: (bytes) => {
      held = Uint8Array.from(Buffer.concat([held, bytes]));
      const passed: Uint8Array[] = [];
      for (let end = eventEnd(held); end >= 0; end = eventEnd(held)) {
        const event = held.subarray(0, end);
        if (!isUsageChunk(event)) passed.push(event);
        held = held.subarray(end);
      }
      if (held.length > MAX_HELD_BYTES) {
        passed.push(held);
        held = new Uint8Array();
      }
      return Uint8Array.from(Buffer.concat(passed));
    },
    end: () => {
      const rest = held;
      held = new Uint8Array();
      return isUsageChunk(rest) ? new Uint8Array() : rest;
    },
  };
}
