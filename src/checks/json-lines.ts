/** Reports that are one JSON object a line, written while the tests run. */
import { isFields } from '../core/fields.ts';
import { decodeReport } from './decode.ts';
import type { JsonObject } from './json-report.ts';
import { unreadable } from './reading.ts';
import type { UnreadableReport } from './reading.ts';

export interface JsonLines {
  readonly kind: 'lines';
  readonly events: readonly JsonObject[];
  /** A line begins like an event and is none: the report was cut, or something else wrote into it. */
  readonly broken: boolean;
}

/** Lines of something else are passed by: build output, a banner. */
export function readJsonLines(bytes: Uint8Array): JsonLines | UnreadableReport {
  const decoded = decodeReport(bytes);
  if (decoded.kind === 'unknown-encoding') return unreadable(`declares the unknown encoding ${decoded.label}`);
  const events: JsonObject[] = [];
  let broken = false;
  let empty = true;
  for (const line of decoded.text.split('\n')) {
    const text = line.trim();
    if (text !== '') empty = false;
    if (!text.startsWith('{')) continue;
    try {
      const event: unknown = JSON.parse(text);
      if (isFields(event)) events.push(event);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      broken = true;
    }
  }
  return empty ? unreadable('is empty') : { kind: 'lines', events, broken };
}
