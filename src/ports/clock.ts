/** Time and identity, owned by the composition root so that tests can own both. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. For people. */
  now(): number;
  /** Monotonic milliseconds with an arbitrary origin. For measuring; does not advance while the machine sleeps. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** A new run id: lower-case, sortable by time, safe in a ref name and a file name. */
  next(): string;
}
