/** Server-sent events as they come in, cut anywhere, with bounded memory. */
import { createParser } from 'eventsource-parser';

export interface SseStream {
  push(bytes: Uint8Array): void;
  /** Hands on an event that was not closed by an empty line, as the last thing. */
  end(): void;
}

export interface SseEvents {
  /** `unclosed`: no empty line came after it, so it may be cut. */
  readonly onEvent: (event: {
    readonly name: string | null;
    readonly data: string;
    readonly unclosed: boolean;
  }) => void;
  readonly onProblem: (problem: string) => void;
  /** Largest event that is read, characters. */
  readonly maxChars: number;
}

export function createSseStream(events: SseEvents): SseStream {
  const decoder = new TextDecoder();
  let unclosed = false;
  let broken = false;
  const breakOff = (): void => {
    if (!broken) events.onProblem(`an event is larger than ${events.maxChars} characters`);
    broken = true;
  };
  const parser = createParser({
    // An event of the greatest length fits with the name of its field; what is longer is judged by its data, so that the
    // verdict does not depend on how the bytes were cut.
    maxBufferSize: events.maxChars + 1_024,
    onEvent: ({ event, data }) => {
      if (data.length > events.maxChars) breakOff();
      else if (!broken && data !== '') events.onEvent({ name: event ?? null, data, unclosed });
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') breakOff();
    },
  });
  const feed = (text: string): void => {
    if (!broken && text !== '') parser.feed(text);
  };
  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => {
      unclosed = true;
      feed(`${decoder.decode()}\n\n`);
    },
  };
}
