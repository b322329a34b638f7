import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventLines } from './event-lines.ts';
import type { AgentEvent } from './event-lines.ts';

function eventsOf(pieces: readonly Uint8Array[], maxBytes?: number): readonly AgentEvent[] {
  const events: AgentEvent[] = [];
  const lines = createEventLines((event) => events.push(event), maxBytes);
  for (const piece of pieces) lines.push(piece);
  lines.end();
  return events;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('the events in an output', () => {
  it('are the lines that are JSON objects; banners, half events and other JSON are none', () => {
    const output = 'Update available!\n{"type":"a"}\n\n[1]\n"x"\nnull\n{"type":\n{"type":"b"}\r\n{"type":"c","half';
    expect(eventsOf([bytes(output)]).map(({ type }) => type)).toEqual(['a', 'b']);
  });

  it('count at the end of the output too, without a line feed', () => {
    expect(eventsOf([bytes('{"type":"last"}')])).toEqual([{ type: 'last' }]);
  });

  it('are the same wherever the pieces are cut', () => {
    const event = fc.record({ type: fc.string(), text: fc.string({ unit: 'binary' }) });
    fc.assert(
      fc.property(fc.array(event), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (events, sizes) => {
        const whole = bytes(events.map((one) => `${JSON.stringify(one)}\n`).join(''));
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < whole.length;) {
          const size = sizes.next().value ?? 1;
          pieces.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(eventsOf(pieces)).toEqual(events);
      }),
    );
  });

  it('longer than the most are passed over, and what follows is read', () => {
    const long = `{"type":"${'x'.repeat(100)}"}\n`;
    expect(eventsOf([bytes(long), bytes('{"type":"y"}\n')], 50)).toEqual([{ type: 'y' }]);
    // The canary: at the limit it is read.
    expect(eventsOf([bytes(long)], long.length - 1)).toHaveLength(1);
  });
});
