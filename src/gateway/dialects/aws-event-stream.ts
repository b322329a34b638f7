/**
 * Amazon's binary event stream (`application/vnd.amazon.eventstream`): frames of a prelude (length of the frame, length of
 * the headers, checksum of both), headers, a payload and a checksum of it all. Source: the "Amazon Event Stream
 * Specification" of the Smithy documentation.
 */
import { crc32 } from 'node:zlib';
import { createGrowingBytes } from './growing-bytes.ts';

export interface AwsFrame {
  /** `:event-type`, or `:exception-type` of a failure. */
  readonly name: string | null;
  readonly failed: boolean;
  readonly payload: Uint8Array;
}

export interface AwsEventStream {
  push(bytes: Uint8Array): void;
}

export interface AwsStreamEvents {
  readonly onFrame: (frame: AwsFrame) => void;
  readonly onProblem: (problem: string) => void;
  /** Largest frame that is read, bytes. */
  readonly maxBytes: number;
}

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** Bytes of a header value by its type; types 6 and 7 bring their length along. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const STRING_TYPE = 7;
const BYTES_TYPE = 6;

function headersOf(bytes: Buffer): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    if (type === undefined) return null;
    const sized = type === STRING_TYPE || type === BYTES_TYPE;
    if (sized && nameEnd + 3 > bytes.length) return null;
    const length = sized ? bytes.readUInt16BE(nameEnd + 1) : VALUE_BYTES[type];
    if (length === undefined) return null;
    const start = nameEnd + (sized ? 3 : 1);
    if (start + length > bytes.length) return null;
    if (type === STRING_TYPE)
      headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', start, start + length));
    at = start + length;
  }
  return headers;
}

interface Lengths {
  readonly total: number;
  readonly headers: number;
}

/** Lengths from a prelude that is all there, or what is wrong with it. */
function readPrelude(bytes: Buffer, maxBytes: number): Lengths | string {
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8))
    return 'the prelude of a frame does not match its checksum';
  const total = bytes.readUInt32BE(0);
  const headers = bytes.readUInt32BE(4);
  if (total > maxBytes) return `a frame is larger than ${maxBytes} bytes`;
  return PRELUDE_BYTES + headers + CHECKSUM_BYTES > total ? 'a frame is shorter than its headers' : { total, headers };
}

function readFrame(bytes: Buffer, lengths: Lengths): AwsFrame | string {
  const end = lengths.total - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) return 'a frame does not match its checksum';
  const headersEnd = PRELUDE_BYTES + lengths.headers;
  const headers = headersOf(bytes.subarray(PRELUDE_BYTES, headersEnd));
  if (headers === null) return 'the headers of a frame cannot be read';
  const failed = headers.get(':message-type') !== 'event';
  const name = headers.get(':event-type') ?? headers.get(':exception-type') ?? headers.get(':error-code') ?? null;
  return { name, failed, payload: Uint8Array.from(bytes.subarray(headersEnd, end)) };
}

export function createAwsEventStream(events: AwsStreamEvents): AwsEventStream {
  const held = createGrowingBytes();
  /** Bytes that have to be there before anything new can be read. */
  let wanted = PRELUDE_BYTES;
  let broken = false;
  const breakOff = (problem: string): void => {
    broken = true;
    held.drop(held.size());
    events.onProblem(problem);
  };
  const read = (): void => {
    const view = held.view();
    const bytes = Buffer.from(view.buffer, view.byteOffset, view.length);
    let at = 0;
    while (bytes.length - at >= PRELUDE_BYTES) {
      const lengths = readPrelude(bytes.subarray(at), events.maxBytes);
      if (typeof lengths === 'string') return breakOff(lengths);
      wanted = lengths.total;
      if (bytes.length - at < lengths.total) break;
      const frame = readFrame(bytes.subarray(at, at + lengths.total), lengths);
      if (typeof frame === 'string') return breakOff(frame);
      events.onFrame(frame);
      at += lengths.total;
      wanted = PRELUDE_BYTES;
    }
    held.drop(at);
  };
  return {
    push: (bytes) => {
      if (broken || bytes.length === 0) return;
      held.append(bytes);
      if (held.size() >= wanted) read();
    },
  };
}
