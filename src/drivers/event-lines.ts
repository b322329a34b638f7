/** The events an agent prints, one JSON object a line. Whatever else it prints is output and nothing more. */

/**
 * Longer lines are not read: they are echoes of files and of whole conversations, and what a driver needs is never in
 * them alone. 1 MiB.
 */
export const MAX_EVENT_BYTES: number = 1_024 * 1_024;

const LINE_FEED = 0x0a;
const BRACE = 0x7b;

/** An event as it came, of whatever shape. */
export type AgentEvent = Readonly<Record<string, unknown>>;

export interface EventLines {
  /** Takes the next piece of standard output, cut anywhere. */
  push(bytes: Uint8Array): void;
  /** Reads what is left as a last line. */
  end(): void;
}

/** null for a banner, for half an event, and for JSON that is no object. */
export function parseEvent(line: Buffer): AgentEvent | null {
  return (line[0] === BRACE ? parseObject(line) : null) ?? parseAmidWords(line);
}

/** Some print a banner without ending its line, before an event or after it: the event is what stands in braces. */
function parseAmidWords(line: Buffer): AgentEvent | null {
  const [from, to] = [line.indexOf('{"'), line.lastIndexOf('}') + 1];
  return from === -1 || to <= from ? null : parseObject(line.subarray(from, to));
}

function parseObject(text: Buffer): AgentEvent | null {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as AgentEvent) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Holds at most one line, of at most `maxBytes`. `onTooLong`: what looked like an event was longer, and is lost. */
export function createEventLines(
  onEvent: (event: AgentEvent) => void,
  maxBytes: number = MAX_EVENT_BYTES,
  onTooLong: () => void = () => undefined,
): EventLines {
  let pieces: Buffer[] = [];
  let held = 0;

  function hold(bytes: Buffer): void {
    held += bytes.length;
    if (held > maxBytes) {
      if ((pieces[0] ?? bytes)[0] === BRACE && held - bytes.length <= maxBytes) onTooLong();
      pieces = [];
    }
    // A copy, because a small view would keep the whole buffer it was cut from alive.
    else if (bytes.length > 0) pieces.push(Buffer.from(bytes));
  }

  function endLine(): void {
    const event = held > 0 && held <= maxBytes ? parseEvent(Buffer.concat(pieces)) : null;
    pieces = [];
    held = 0;
    if (event !== null) onEvent(event);
  }

  return {
    push(bytes) {
      const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let start = 0;
      for (let feed = piece.indexOf(LINE_FEED); feed !== -1; feed = piece.indexOf(LINE_FEED, start)) {
        hold(piece.subarray(start, feed));
        endLine();
        start = feed + 1;
      }
      hold(piece.subarray(start));
    },
    end: endLine,
  };
}
