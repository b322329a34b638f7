/**
 * How pieces become a body again. A recipe is a list of entries: short pieces as they are, long ones by the name of their
 * blob, and runs of entries by the name of a recipe that holds them. Where such a run ends depends on the entries alone,
 * so two bodies that share most of their pieces share most of their recipes too, and one more turn adds about a kilobyte.
 *
 * Bytes: `LWR1`, then for each entry a number (base 128, lowest first; length of the bytes times four, plus the kind), and
 * after it the bytes themselves or the 32 bytes of a SHA-256.
 */
import { LoopwrightError } from '../../core/errors.ts';

export type Entry =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  /** `length`: of what it stands for, bytes. */
  | { readonly kind: 'blob' | 'recipe'; readonly hash: string; readonly length: number };

const MAGIC = Buffer.from('LWR1');
const HASH_BYTES = 32;
const KINDS = ['inline', 'blob', 'recipe'] as const;

/** A run ends at a hash whose first byte has none of these bits: about one in eight. */
const RUN_END_MASK = 0x07;
const LONGEST_RUN = 64;
/** A shorter run is not worth a blob of its own. */
const SHORTEST_RUN = 4;
/** As many entries as stay in a recipe without being gathered into runs. */
const FEW_ENTRIES = 16;

export function lengthOf(entry: Entry): number {
  return entry.kind === 'inline' ? entry.bytes.length : entry.length;
}

function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

export function encodeRecipe(entries: readonly Entry[]): Uint8Array {
  const parts = entries.flatMap((entry) => [
    number(lengthOf(entry) * 4 + KINDS.indexOf(entry.kind)),
    entry.kind === 'inline' ? entry.bytes : Buffer.from(entry.hash, 'hex'),
  ]);
  return Buffer.concat([MAGIC, ...parts]);
}

function unreadable(hash: string, why: string): LoopwrightError {
  return new LoopwrightError('LW_BLOB_MISSING', {
    message: `the recipe ${hash} of a recorded body cannot be read: ${why}`,
    next: 'The recording of this call is lost; the events of the run are not. `show` still works.',
    details: { hash },
  });
}

/** Rejects bytes that are no recipe, or that end inside an entry. `hash` is for the message. */
export function decodeRecipe(bytes: Uint8Array, hash: string): readonly Entry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) throw unreadable(hash, 'it does not begin like one');
  const entries: Entry[] = [];
  let at = MAGIC.length;
  const take = (count: number): Buffer => {
    if (at + count > buffer.length) throw unreadable(hash, 'it ends too early');
    at += count;
    return buffer.subarray(at - count, at);
  };
  while (at < buffer.length) {
    let [value, unit, byte] = [0, 1, 128];
    while (byte >= 128) {
      byte = take(1).readUInt8();
      value += (byte % 128) * unit;
      unit *= 128;
      if (value > Number.MAX_SAFE_INTEGER) throw unreadable(hash, 'it names a length that cannot be');
    }
    const kind = KINDS[value % 4];
    const length = Math.floor(value / 4);
    if (kind === undefined) throw unreadable(hash, 'it has an entry of an unknown kind');
    if (kind === 'inline') entries.push({ kind, bytes: take(length) });
    else entries.push({ kind, hash: take(HASH_BYTES).toString('hex'), length });
  }
  return entries;
}

function endsRun(entry: Entry): boolean {
  return entry.kind !== 'inline' && (Number.parseInt(entry.hash.slice(0, 2), 16) & RUN_END_MASK) === 0;
}

/**
 * The entries in runs; a run of one entry stays as it is. null: they are few enough, or no run can be made. The last run is
 * always left apart, because the next body continues there.
 */
export function runsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] | null {
  if (entries.length <= FEW_ENTRIES) return null;
  const runs: (readonly Entry[])[] = [];
  let start = 0;
  entries.forEach((entry, at) => {
    const size = at + 1 - start;
    if ((size < SHORTEST_RUN || !endsRun(entry)) && size < LONGEST_RUN) return;
    runs.push(entries.slice(start, at + 1));
    start = at + 1;
  });
  const rest = entries.slice(start).map((entry) => [entry]);
  return runs.length === 0 ? null : [...runs, ...rest];
}

export function requireLength(hash: string, expected: number, seen: number): void {
  if (expected !== seen) throw unreadable(hash, `what it names has ${seen} bytes where ${expected} were recorded`);
}

/** Runs of runs go no deeper; 32 levels of four entries each are more than any memory holds. */
export const DEEPEST = 32;

export function requireShallow(hash: string, depth: number): void {
  if (depth > DEEPEST) throw unreadable(hash, 'it nests too deep');
}
