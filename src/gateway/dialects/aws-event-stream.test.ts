import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awsFrame } from '../../../test/fixtures/gateway/golden.ts';
import { createAwsEventStream } from './aws-event-stream.ts';

interface Read {
  readonly frames: string[];
  readonly problems: string[];
}

function read(bytes: Uint8Array, steps: readonly number[] = []): Read {
  const seen: Read = { frames: [], problems: [] };
  const stream = createAwsEventStream({
    maxBytes: 10_000,
    onFrame: ({ name, failed, payload }) => seen.frames.push(`${name} ${failed} ${Buffer.from(payload).toString()}`),
    onProblem: (problem) => seen.problems.push(problem),
  });
  let at = 0;
  for (const step of [...steps, bytes.length]) {
    stream.push(bytes.subarray(at, at + step));
    at += step;
  }
  return seen;
}

const frames = Buffer.concat([
  awsFrame('event', 'metadata', '{"a":1}'),
  awsFrame('exception', 'throttlingException', ''),
  awsFrame('event', 'x', 'Grüße'),
]);

describe("Amazon's event stream", () => {
  it('gives its frames however it is cut', () => {
    const expected = ['metadata false {"a":1}', 'throttlingException true ', 'x false Grüße'];
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (steps) => {
        expect(read(frames, steps)).toEqual({ frames: expected, problems: [] });
      }),
    );
  });

  it('is given up at any flipped bit, and says nothing that was not sent', () => {
    const whole = read(frames).frames;
    fc.assert(
      fc.property(fc.nat(frames.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Uint8Array.from(frames, (byte, place) => (place === at ? byte ^ (1 << bit) : byte));
        const seen = read(flipped);
        expect(whole.slice(0, seen.frames.length)).toEqual(seen.frames);
        expect(seen.frames.length).toBeLessThan(whole.length);
        expect(seen.problems.length).toBe(1);
      }),
    );
  });

  it('is given up at a frame that is too large, before it comes', () => {
    const large = awsFrame('event', 'x', 'y'.repeat(10_000));
    expect(read(large.subarray(0, 12)).problems).toEqual(['a frame is larger than 10000 bytes']);
  });

  it('never throws for what it reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read(bytes).frames).toEqual([]);
      }),
    );
  });
});
