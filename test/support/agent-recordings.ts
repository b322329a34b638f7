/** What every driver's reading of events has to keep, shown on what its agent really printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventLines } from '../../src/drivers/event-lines.ts';
import { NOTHING_TOLD } from '../../src/drivers/told.ts';
import type { FoldEvent, Told } from '../../src/drivers/told.ts';

export interface Recordings {
  readonly agent: string;
  readonly fold: FoldEvent;
  /** Where its events say what they are. Default: `type`. */
  readonly tag?: string;
  /** What else is told by the recording of a task that was done. */
  readonly done: Partial<Told>;
  /** And of one whose second call was refused. */
  readonly refused: Partial<Told>;
}

export function recording(agent: string, name: 'done' | 'refused'): Buffer {
  return readFileSync(join(import.meta.dirname, '..', 'fixtures', 'agents', agent, `${name}.jsonl`));
}

export function foldAll(fold: FoldEvent, output: Uint8Array): Told {
  let told = NOTHING_TOLD;
  const lines = createEventLines((event) => {
    told = fold(told, event);
  });
  lines.push(output);
  lines.end();
  return told;
}

export function describeRecordings({ agent, fold, tag = 'type', done, refused }: Recordings): void {
  describe(`what ${agent} printed`, () => {
    it('when it did its task: its last words, its session, no failure, and that it is over', () => {
      expect(foldAll(fold, recording(agent, 'done'))).toMatchObject({
        text: 'The test passes now.',
        sessionId: expect.stringMatching(/^[\w-]{8,}$/u),
        failure: null,
        settled: true,
        ...done,
      });
    });

    it('when the gateway refused: a failure in the words of the gateway', () => {
      const told = foldAll(fold, recording(agent, 'refused'));
      expect(told).toMatchObject(refused);
      expect(told.failure).toContain('loopwright: the budget is used up.');
    });

    it('cut short anywhere, is not over, unless it is cut in its last lines', () => {
      const whole = recording(agent, 'done');
      const half = whole.subarray(0, Math.floor(whole.length / 2));
      expect(foldAll(fold, half)).toMatchObject({ settled: false, failure: null });
    });

    it('is read whatever becomes of its fields', () => {
      const types = foldable(agent, tag);
      expect(types.length).toBeGreaterThan(2);
      const event = fc.tuple(fc.constantFrom(...types), fc.object({ key: fc.constantFrom(...KEYS), maxDepth: 4 }));
      fc.assert(
        fc.property(event, ([type, fields]) => {
          const { text, failure, sessionId } = fold(NOTHING_TOLD, { ...fields, [tag]: type });
          for (const said of [text, failure, sessionId]) expect(said === null || typeof said === 'string').toBe(true);
        }),
      );
    });
  });
}

/** Names of fields that some driver reads. */
const KEYS =
  'message content text type role usage result item part error data stats session_id sessionID id tokens cache cost status stopReason is_error subtype source action llm_message detail'.split(
    ' ',
  );

function foldable(agent: string, tag: string): readonly string[] {
  const types = new Set<string>();
  const lines = createEventLines(({ [tag]: type }) => typeof type === 'string' && types.add(type));
  for (const name of ['done', 'refused'] as const) lines.push(recording(agent, name));
  lines.end();
  return [...types];
}
