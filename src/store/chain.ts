/**
 * The hash chain of a log, the same in every store.
 *
 * The hash of an event is SHA-256 over the hash before it, a line feed, and the JSON text exactly as stored. The stored
 * text is the truth: nothing is ever serialised again to check it. The run keeps the newest sequence number and hash
 * beside the log, so a tail that was cut off is seen too.
 */
import { createHash } from 'node:crypto';
import { assert } from '../core/errors.ts';
import { EVENT_VERSION } from '../core/event.ts';
import type { RecordedEvent } from '../core/event.ts';
import type { Append, Lease } from '../ports/store.ts';
import { canonicalJson } from './canonical-json.ts';

/** What stands before the first event. Moving a whole log to another run is seen by the run id inside each event. */
export const GENESIS: string = '0'.repeat(64);

/** The end of a log: where the next event goes. */
export interface Head {
  /** 0 for an empty log. */
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_LOG: Head = { seq: 0, hash: GENESIS };

/** One event as a store keeps it. */
export interface StoredEvent {
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

export function chainHash(previous: string, body: string): string {
  return createHash('sha256').update(`${previous}\n${body}`).digest('hex');
}

/** Gives the events their places behind the head. Pure; the caller decides whether it may write them. */
export function link(head: Head, lease: Lease, appends: readonly Append[]): readonly StoredEvent[] {
  let { seq, hash } = head;
  return appends.map(({ event, at, activeMs }) => {
    seq += 1;
    const { runId, epoch } = lease;
    const body = canonicalJson({ ...event, seq, at, activeMs, runId, epoch, v: EVENT_VERSION });
    hash = chainHash(hash, body);
    return { seq, body, hash };
  });
}

/** What a reader gets: always from the stored text, never the caller's object. */
export function recorded(body: string): RecordedEvent {
  return JSON.parse(body) as RecordedEvent;
}

/**
 * Hashes of the blobs an event may refer to: every 64 hex digits that stand alone in its text. Hashes of other things
 * (policy, diff) are found too; that only names a blob that does not exist, while a forgotten field would lose one.
 */
export function blobReferences(body: string): readonly string[] {
  return [...new Set(body.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g))];
}

/** The blobs an event keeps alive: what its text names, and what the caller said besides. */
export function keptBlobs(body: string, append: Append | undefined): readonly string[] {
  const besides = append?.references ?? [];
  for (const hash of besides) assert(/^[0-9a-f]{64}$/.test(hash), `a reference is the hash of a blob, not ${hash}`);
  return besides.length === 0 ? blobReferences(body) : [...new Set([...blobReferences(body), ...besides])];
}

function belongs(body: string, runId: string, seq: number): boolean {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  const event = typeof value === 'object' && value !== null ? value : {};
  return 'runId' in event && event.runId === runId && 'seq' in event && event.seq === seq;
}

/** Re-computes the chain. `brokenAt` is the first sequence number that does not hold, or null. */
export function verifyChain(
  runId: string,
  head: Head,
  events: Iterable<StoredEvent>,
): { readonly events: number; readonly brokenAt: number | null } {
  let { seq, hash } = EMPTY_LOG;
  let count = 0;
  let brokenAt: number | null = null;
  for (const event of events) {
    count += 1;
    if (brokenAt !== null) continue;
    seq += 1;
    hash = chainHash(hash, event.body);
    if (event.seq !== seq || event.hash !== hash || !belongs(event.body, runId, seq)) brokenAt = seq;
  }
  if (brokenAt === null && head.seq !== count) brokenAt = Math.min(head.seq, count) + 1;
  if (brokenAt === null && head.hash !== hash) brokenAt = Math.max(count, 1);
  return { events: count, brokenAt };
}
