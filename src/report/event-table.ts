/** One function per event type. The compiler refuses a forgotten type in a whole table, and a wrong event in any. */
import type { EventType, RecordedEvent } from '../core/event.ts';

type Recorded<T extends EventType> = Extract<RecordedEvent, { type: T }>;

export type EventTable<Context, Result> = {
  readonly [T in EventType]: (event: Recorded<T>, context: Context) => Result;
};

/** The result for this event; undefined only where a partial table has nothing for its type. */
export function perEvent<Context, Result>(
  table: EventTable<Context, Result>,
  event: RecordedEvent,
  context: Context,
): Result;
export function perEvent<Context, Result>(
  table: Partial<EventTable<Context, Result>>,
  event: RecordedEvent,
  context: Context,
): Result | undefined;
export function perEvent<Context, Result>(
  table: Partial<EventTable<Context, Result>>,
  event: RecordedEvent,
  context: Context,
): Result | undefined {
  // The table maps each type to a function of exactly that type; the compiler cannot follow the lookup.
  const found = table[event.type] as ((event: RecordedEvent, context: Context) => Result) | undefined;
  return found?.(event, context);
}
