/**
 * A meter over whatever an answer turns out to be: server-sent events, Amazon's event stream, or bare JSON. What the bytes
 * look like decides between the first and the last, because errors come as JSON whatever was asked for.
 */
import { isFields } from '../../core/fields.ts';
import type { AnswerHead, Headers, Meter, Metered, RequestFacts } from './dialect.ts';
import { createAwsEventStream } from './aws-event-stream.ts';
import { createTally } from './answer-tally.ts';
import type { Tally, TallyRules } from './answer-tally.ts';
import { parsedJson } from './answer-values.ts';
import type { JsonRecord } from './answer-values.ts';
import { createJsonStream } from './json-stream.ts';
import { createSseStream } from './sse-stream.ts';

/** Largest single event, and largest bare JSON value (pictures come inside), that is read. */
const MAX_EVENT_BYTES = 8 * 1_024 * 1_024;
const MAX_VALUE_BYTES = 32 * 1_024 * 1_024;

/** Kept of an answer that is an error and cannot be read. */
const EXCERPT_BYTES = 500;

export interface AnswerEvent {
  readonly value: JsonRecord;
  /** Name of the event, where the protocol names them apart from the data. */
  readonly name: string | null;
  /** Bare JSON and not part of a stream of events. */
  readonly whole: boolean;
  /** The protocol marks it as a failure. */
  readonly failed: boolean;
}

export interface AnswerProtocol {
  readonly rules: TallyRules;
  /** A stream ends with `data: [DONE]`. */
  readonly doneMark: boolean;
  read(event: AnswerEvent, tally: Tally): void;
}

export function headerOf(headers: Headers, name: string): string | null {
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name && value !== undefined)
      return typeof value === 'string' ? value : (value[0] ?? null);
  }
  return null;
}

interface Source {
  push(bytes: Uint8Array): void;
  end(): void;
}

interface Reader {
  readonly tally: Tally;
  readonly protocol: AnswerProtocol;
  /** Values and events that could be read. */
  count: number;
}

function readValue(reader: Reader, value: unknown, event: Omit<AnswerEvent, 'value'>): void {
  if (!isFields(value)) {
    reader.tally.problem(
      value === undefined ? 'part of the answer is no JSON' : 'part of the answer is no JSON object',
    );
    return;
  }
  reader.count += 1;
  if (reader.tally.isOver() && !event.whole && value['type'] !== 'ping') {
    reader.tally.problem('events follow the end of the answer');
  }
  reader.protocol.read({ ...event, value }, reader.tally);
}

function sseSource(reader: Reader): Source {
  return createSseStream({
    maxChars: MAX_EVENT_BYTES,
    onProblem: (problem) => reader.tally.problem(problem),
    onEvent: ({ name, data, unclosed }) => {
      if (data === '[DONE]') {
        reader.count += 1;
        if (reader.protocol.doneMark) reader.tally.over();
        return;
      }
      const value = parsedJson(data);
      // The last event of a stream that was cut; what came before it counts.
      if (unclosed && value === undefined) return;
      readValue(reader, value, { name, whole: false, failed: false });
    },
  });
}

function jsonSource(reader: Reader): Source {
  const decoder = new TextDecoder();
  const stream = createJsonStream({
    maxBytes: MAX_VALUE_BYTES,
    onProblem: (problem) => reader.tally.problem(problem),
    onValue: (bytes) =>
      readValue(reader, parsedJson(decoder.decode(bytes)), { name: null, whole: true, failed: false }),
    onClosed: () => reader.tally.over(),
  });
  return { push: (bytes) => stream.push(bytes), end: () => undefined };
}

function frameSource(reader: Reader): Source {
  const decoder = new TextDecoder();
  const stream = createAwsEventStream({
    maxBytes: MAX_EVENT_BYTES,
    onProblem: (problem) => reader.tally.problem(problem),
    onFrame: ({ name, failed, payload }) =>
      readValue(reader, parsedJson(decoder.decode(payload)), { name, whole: false, failed }),
  });
  return { push: (bytes) => stream.push(bytes), end: () => undefined };
}

/** What the first bytes show; null while there are only spaces. */
function sourceFor(reader: Reader, bytes: Uint8Array): Source | null {
  for (const byte of bytes) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue;
    return byte === 0x7b || byte === 0x5b ? jsonSource(reader) : sseSource(reader);
  }
  return null;
}

function resultOf(
  reader: Reader,
  failure: { readonly status: number; readonly excerpt: string },
  how: 'complete' | 'cut',
): Metered {
  const { tally } = reader;
  const failed = failure.status >= 400;
  if (reader.count === 0) tally.problem('nothing in the answer could be read');
  if (failed) tally.error(`http_${failure.status}`, failure.excerpt);
  return tally.result(how);
}

export function createAnswerMeter(head: AnswerHead, request: RequestFacts, protocol: AnswerProtocol): Meter {
  const tally = createTally(request, protocol.rules);
  const reader: Reader = { tally, protocol, count: 0 };
  const framed = (headerOf(head.headers, 'content-type') ?? '').startsWith('application/vnd.amazon.eventstream');
  let source: Source | null = framed ? frameSource(reader) : null;
  let excerpt = Buffer.alloc(0);
  let metered: Metered | null = null;
  return {
    push: (bytes) => {
      if (head.status >= 400 && excerpt.length < EXCERPT_BYTES) {
        excerpt = Buffer.concat([excerpt, bytes.subarray(0, EXCERPT_BYTES - excerpt.length)]);
      }
      source ??= sourceFor(reader, bytes);
      source?.push(bytes);
    },
    end: (how) => {
      if (metered !== null) return metered;
      source?.end();
      metered = resultOf(reader, { status: head.status, excerpt: excerpt.toString() }, how);
      return metered;
    },
  };
}
