/** The clocks over one process: wall time, silence, and a person who cancels. */
import type { Ceiling } from '../core/limit.ts';

/** Longest wait one timer can hold (2^31 - 1 ms, about 24 days); longer ones are armed again. */
const LONGEST_TIMER_MS = 2_147_483_647;

export type WatchedEnd = 'wall-time' | 'idle' | 'cancelled';

export interface LimitWatch {
  /** Tells the watch that the process gave a sign of life. */
  sawOutput(): void;
  stop(): void;
}

export interface WatchSettings {
  readonly wallTimeMs: Ceiling;
  readonly idleMs: Ceiling;
  readonly signal: AbortSignal;
  readonly reached: (end: WatchedEnd) => void;
}

/** Calls `reached` at most once, possibly before it returns. */
export function watchLimits(settings: WatchSettings): LimitWatch {
  const startedAt = performance.now();
  let lastOutputAt = startedAt;
  let stopped = false;
  const timers = new Map<WatchedEnd, NodeJS.Timeout>();

  function stop(): void {
    stopped = true;
    for (const timer of timers.values()) clearTimeout(timer);
    settings.signal.removeEventListener('abort', cancelled);
  }

  function reached(end: WatchedEnd): void {
    stop();
    settings.reached(end);
  }

  function cancelled(): void {
    reached('cancelled');
  }

  // One timer for a whole silence instead of one per chunk: a flood would otherwise rearm it thousands of times a second.
  function arm(end: WatchedEnd, ceilingMs: Ceiling, since: () => number): void {
    if (stopped || ceilingMs === 'unlimited') return;
    const leftMs = since() + ceilingMs - performance.now();
    if (leftMs <= 0) {
      reached(end);
      return;
    }
    const timer = setTimeout(() => arm(end, ceilingMs, since), Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
    timers.set(end, timer);
  }

  if (settings.signal.aborted) cancelled();
  else settings.signal.addEventListener('abort', cancelled, { once: true });
  arm('wall-time', settings.wallTimeMs, () => startedAt);
  arm('idle', settings.idleMs, () => lastOutputAt);
  return {
    sawOutput() {
      lastOutputAt = performance.now();
    },
    stop,
  };
}
