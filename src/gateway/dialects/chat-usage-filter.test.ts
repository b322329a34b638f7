import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { golden } from '../../../test/fixtures/gateway/golden.ts';
import { createUsageChunkFilter } from './chat-usage-filter.ts';

function filtered(bytes: Uint8Array, steps: readonly number[]): string {
  const filter = createUsageChunkFilter();
  const passed: Uint8Array[] = [];
  let at = 0;
  for (const step of steps) {
    passed.push(filter.push(bytes.subarray(at, at + step)));
    at += step;
  }
  passed.push(filter.push(bytes.subarray(at)), filter.end());
  return Buffer.concat(passed).toString();
}

describe('the filter for the chunk with usage', () => {
  it.each(['\n', '\r\n', '\r'])(
    'takes out that chunk alone, however the bytes are cut, with line ends %j',
    (lineEnd) => {
      const text = Buffer.from(golden('openai-chat', 'usage-at-end.sse').bytes).toString().replaceAll('\n', lineEnd);
      const events = text.split(lineEnd + lineEnd);
      const expected = events.filter((event) => !event.includes('"choices":[]')).join(lineEnd + lineEnd);
      expect(events.length - expected.split(lineEnd + lineEnd).length).toBe(1);
      fc.assert(
        fc.property(fc.array(fc.nat(200)), (steps) => {
          expect(filtered(new TextEncoder().encode(text), steps)).toBe(expected);
        }),
      );
    },
  );

  it('passes whatever else comes byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat(9)), (bytes, steps) => {
        expect(filtered(bytes, steps)).toBe(Buffer.from(bytes).toString());
      }),
    );
    const large = new TextEncoder().encode(`data: ${'x'.repeat(3_000_000)}`);
    expect(filtered(large, [2_000_000]).length).toBe(large.length);
  });
});
