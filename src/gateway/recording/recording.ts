/** Bodies of model calls as blobs: byte for byte what was sent, and little more than what was new in it. */
import { hash as hashOf } from 'node:crypto';
import type { RunStore } from '../../ports/store.ts';
import { piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { decodeRecipe, DEEPEST, encodeRecipe, lengthOf, requireLength, requireShallow, runsOf } from './recipe.ts';
import type { Entry } from './recipe.ts';

/** A shorter piece stands in the recipe itself: its name alone would take 32 bytes there, and a row of the store more. */
const INLINE_BYTES = 256;

/** Names kept in memory, about 10 MB. Forgetting them only means to store and to name some blobs again. */
const MOST_KNOWN = 65_536;

export interface Recorded {
  /** Name of the recipe; what `rebuild` takes. */
  readonly recipe: string;
  /** Every blob the body needs, the recipe included. */
  readonly references: readonly string[];
  /** Those of `references` that this recording did not give out before: an event of the run has to name each once. */
  readonly newReferences: readonly string[];
  /** Names of what was stored beside it, in the order given. */
  readonly beside: readonly string[];
  /** Length of the body. */
  readonly bytes: number;
}

/** Rejects as the store does. One for each run: what it stored once, it does not store again. */
export interface Recording {
  /**
   * `pieces`: those of these bytes, where the caller has them already. `beside`: stored as they are in the same step, named by
   * the caller's event itself. Empty bodies are recorded like others.
   */
  record(bytes: Uint8Array, pieces?: readonly Piece[], beside?: readonly Uint8Array[]): Promise<Recorded>;
  /** The bytes that were recorded, or a rejection with `LW_BLOB_MISSING`; never other bytes. */
  rebuild(recipe: string): Promise<Uint8Array>;
}

type BlobStore = Pick<RunStore, 'putBlobs' | 'getBlob'>;

interface Names {
  has(hash: string): boolean;
  add(hash: string): void;
}

function createNames(): Names {
  const names = new Set<string>();
  return {
    has: (hash) => names.has(hash),
    add: (hash) => {
      if (names.size >= MOST_KNOWN) names.clear();
      names.add(hash);
    },
  };
}

/** Blobs of one body by name, the ones that are stored already without their bytes. */
type Needed = Map<string, Uint8Array | null>;

function createRecord(store: BlobStore): Recording['record'] {
  const stored = createNames();
  const named = createNames();

  function need(hash: string, bytes: Uint8Array, needed: Needed): void {
    if (!needed.has(hash)) needed.set(hash, stored.has(hash) ? null : bytes);
  }

  function entriesOf(bytes: Uint8Array, pieces: readonly Piece[], needed: Needed): readonly Entry[] {
    return pieces.map(({ start, end, hash }): Entry => {
      const piece = bytes.subarray(start, end);
      if (piece.length < INLINE_BYTES) return { kind: 'inline', bytes: piece };
      need(hash, piece, needed);
      return { kind: 'blob', hash, length: piece.length };
    });
  }

  function needRecipe(entries: readonly Entry[], needed: Needed): string {
    const bytes = encodeRecipe(entries);
    const hash = hashOf('sha256', bytes);
    need(hash, bytes, needed);
    return hash;
  }

  function gather(entries: readonly Entry[], needed: Needed): readonly Entry[] | null {
    const runs = runsOf(entries);
    if (runs === null) return null;
    const gathered: Entry[] = [];
    for (const run of runs) {
      const length = run.reduce((sum, entry) => sum + lengthOf(entry), 0);
      if (run.length === 1) gathered.push(...run);
      else gathered.push({ kind: 'recipe', hash: needRecipe(run, needed), length });
    }
    return gathered;
  }

  /** In one step of the store: each costs a write to the disk of its own. */
  async function put(needed: Needed, beside: readonly Uint8Array[]): Promise<readonly string[]> {
    const missing = [...needed].flatMap(([hash, bytes]) => (bytes === null ? [] : [{ hash, bytes }]));
    const names = await store.putBlobs([...beside, ...missing.map(({ bytes }) => bytes)]);
    for (const { hash } of missing) stored.add(hash);
    return names.slice(0, beside.length);
  }

  return async (bytes, pieces = piecesOf(bytes), beside = []) => {
    const needed: Needed = new Map();
    let entries = entriesOf(bytes, pieces, needed);
    for (let depth = 1; depth < DEEPEST; depth += 1) {
      const gathered = gather(entries, needed);
      if (gathered === null) break;
      entries = gathered;
    }
    const recipe = needRecipe(entries, needed);
    const besideNames = await put(needed, beside);
    const references = [...needed.keys()];
    const newReferences = references.filter((hash) => !named.has(hash));
    for (const hash of newReferences) named.add(hash);
    return { recipe, references, newReferences, beside: besideNames, bytes: bytes.length };
  };
}

function createRebuild(store: BlobStore): Recording['rebuild'] {
  async function expand(recipe: string, depth: number): Promise<Uint8Array> {
    requireShallow(recipe, depth);
    const parts: Uint8Array[] = [];
    for (const entry of decodeRecipe(await store.getBlob(recipe), recipe)) {
      if (entry.kind === 'inline') {
        parts.push(entry.bytes);
        continue;
      }
      const part = entry.kind === 'blob' ? await store.getBlob(entry.hash) : await expand(entry.hash, depth + 1);
      requireLength(recipe, entry.length, part.length);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
  return (recipe) => expand(recipe, 0);
}

export function createRecording(store: BlobStore): Recording {
  return { record: createRecord(store), rebuild: createRebuild(store) };
}
