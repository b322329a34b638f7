/** Attempts of one window, on the record before anything leaves, counted by kind, and held to the ceiling on bytes. */
import { egressBytesOf, MAX_EGRESS_ROUTES } from '../core/egress-event.ts';
import type { EgressCount, EgressRoute, EgressUse } from '../core/egress-event.ts';
import type { RunEvent } from '../core/event.ts';
import type { Ceiling } from '../core/limit.ts';

export interface Counter {
  /** False once the ceiling is passed: nothing more may be moved. */
  sent(bytes: number): boolean;
  received(bytes: number): boolean;
}

export interface Tally {
  /** null: the ceiling on bytes, or on kinds of attempts, is reached. Rejects as the log does. */
  attempt(route: EgressRoute): Promise<Counter | null>;
  /** The same for what is refused anyway. Rejects as the log does. */
  refuse(route: EgressRoute): Promise<void>;
  room(): boolean;
  /** Writes down what was counted since the last time. Rejects as the log does, also for what failed in between. */
  settle(): Promise<void>;
}

export interface TallyOptions {
  readonly iteration: number;
  readonly used: EgressUse;
  readonly ceiling: Ceiling;
  readonly record: (events: readonly RunEvent[]) => Promise<void>;
}

/** Counts are written at least this often, as parts of the ceiling: what a dead supervisor forgets is bounded. */
const PARTS = 16;

type Moving = { -readonly [K in keyof EgressCount]: EgressCount[K] };

function keyOf({ host, port, method, allowed, rule, why }: EgressRoute): string {
  return JSON.stringify([host, port, method, allowed, rule, why]);
}

export function createTally({ iteration, used, ceiling, record }: TallyOptions): Tally {
  const named = new Set(used.routes.map(keyOf));
  /** By kind; its announcement, and what is not written yet. */
  const kinds = new Map<string, { readonly announced: Promise<void>; readonly count: Moving }>();
  let bytes = egressBytesOf(used);
  let unwritten = 0;
  let unnamed = 0;
  let writing: Promise<void> = Promise.resolve();

  const room = (): boolean => ceiling === 'unlimited' || bytes < ceiling;

  function write(): Promise<void> {
    const due = [...kinds.values()]
      .map(({ count }) => count)
      .filter(({ attempts, sentBytes, receivedBytes }) => attempts + sentBytes + receivedBytes > 0);
    const routes = due.map((count) => ({ ...count }));
    const beyond = unnamed;
    for (const count of due) Object.assign(count, { attempts: 0, sentBytes: 0, receivedBytes: 0 });
    unwritten = 0;
    unnamed = 0;
    if (routes.length === 0 && beyond === 0) return writing;
    writing = writing.then(() => record([{ type: 'egress.counted', iteration, routes, unnamed: beyond }]));
    // Who waits for it is told of a failure at the end; until then it must not count as unheard.
    writing.catch(() => undefined);
    return writing;
  }

  function moved(amount: number): boolean {
    bytes += amount;
    unwritten += amount;
    if (ceiling !== 'unlimited' && unwritten > ceiling / PARTS) void write();
    return room();
  }

  /** Counts it; announces the first of its kind. null: one kind too many. */
  async function note(route: EgressRoute): Promise<Moving | null> {
    const key = keyOf(route);
    let kind = kinds.get(key);
    if (kind === undefined) {
      if (!named.has(key) && named.size >= MAX_EGRESS_ROUTES) {
        unnamed += 1;
        return null;
      }
      named.add(key);
      const announced = record([{ type: 'egress.attempted', iteration, ...route }]);
      kind = { announced, count: { ...route, attempts: 0, sentBytes: 0, receivedBytes: 0 } };
      kinds.set(key, kind);
    }
    kind.count.attempts += 1;
    await kind.announced;
    return kind.count;
  }

  return {
    async attempt(route) {
      if (!room()) return null;
      const count = await note(route);
      if (count === null) return null;
      return {
        sent(amount) {
          count.sentBytes += amount;
          return moved(amount);
        },
        received(amount) {
          count.receivedBytes += amount;
          return moved(amount);
        },
      };
    },
    async refuse(route) {
      await note(route);
    },
    room,
    settle: () => write(),
  };
}
