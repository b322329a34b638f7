/**
 * A store that keeps known secrets out: everything that is written passes here, events and payloads, so that no other place
 * has to think of it. Whole values only: what a payload was cut into before it came here is cut.
 */
import type { RunStore } from '../ports/store.ts';

export type Redaction = (bytes: Uint8Array) => Uint8Array;

export interface Redactor {
  /** From now until the returned function is called. */
  hold(redact: Redaction): () => void;
  /** The very same bytes where nothing is found. */
  readonly redact: Redaction;
}

export function createRedactor(): Redactor {
  const held = new Set<Redaction>();
  return {
    hold(redact) {
      held.add(redact);
      return () => held.delete(redact);
    },
    redact: (bytes) => [...held].reduce((left, redact) => redact(left), bytes),
  };
}

function redacted<T>(value: T, redact: Redaction): T {
  const bytes = Buffer.from(JSON.stringify(value));
  const clean = redact(bytes);
  return clean === bytes ? value : (JSON.parse(Buffer.from(clean).toString()) as T);
}

/** The same store, but for what is written into it. A blob has the name of what was kept. */
export function withoutSecrets(store: RunStore, redact: Redaction): RunStore {
  return {
    ...store,
    append: (lease, appends) =>
      store.append(
        lease,
        appends.map((append) => ({ ...append, event: redacted(append.event, redact) })),
      ),
    putBlob: (bytes) => store.putBlob(redact(bytes)),
    putBlobs: (blobs) => store.putBlobs(blobs.map(redact)),
  };
}
