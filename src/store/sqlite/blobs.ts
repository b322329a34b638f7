/** Payloads under the hash of their bytes, compressed where that helps, and what goes when a run is forgotten. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RunStore } from '../../ports/store.ts';
import { blobHash, EMPTY_HASH } from '../blob.ts';
import { blobMissing } from '../refusals.ts';
import { horizons, SETTLE_MS } from '../retention.ts';
import { bytesOf, numberOf, textOf } from './columns.ts';
import type { Row } from './columns.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';

type Blobs = Pick<RunStore, 'putBlob' | 'putBlobs' | 'getBlob' | 'forget'>;

/** The smaller of the two forms: small or already compressed payloads do not shrink. */
function pack(bytes: Uint8Array): { readonly codec: 'raw' | 'zstd'; readonly packed: Uint8Array } {
  const packed = zstdCompressSync(bytes);
  return packed.length < bytes.length ? { codec: 'zstd', packed } : { codec: 'raw', packed: bytes };
}

function unpack(row: Row, hash: string): Uint8Array {
  const packed = bytesOf(row, 'bytes');
  if (textOf(row, 'codec') === 'raw') return packed;
  try {
    const { buffer, byteOffset, length } = zstdDecompressSync(packed, { maxOutputLength: numberOf(row, 'size') });
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    // zlib reports broken input, and output longer than recorded, in many codes; each means the stored bytes are not
    // the ones that were put.
    if (!(error instanceof Error)) throw error;
    throw blobMissing(hash, `is damaged: it does not decompress (${error.message})`, error);
  }
}

/** Forgets the calls of a run; its row goes right after. */
type ForgetCalls = (run: number) => void;

function createForget(session: Session, runs: Runs, forgetCalls: ForgetCalls): RunStore['forget'] {
  const { database, now } = session;
  const oldestClaim = database.prepare(
    'SELECT min(claimed_at) AS at FROM run WHERE id <> ? AND owner IS NOT NULL AND lease_until > ?',
  );
  const deleteNamed = database.prepare(
    `DELETE FROM blob WHERE put_at < ?2 AND hash IN (SELECT hash FROM run_blob WHERE run = ?1)
     AND NOT EXISTS (SELECT 1 FROM run_blob other WHERE other.hash = blob.hash AND other.run <> ?1)`,
  );
  const deleteNeverNamed = database.prepare(
    'DELETE FROM blob WHERE put_at < ? AND NOT EXISTS (SELECT 1 FROM run_blob WHERE run_blob.hash = blob.hash)',
  );
  // Events, signals and references go with their run.
  const deleteRun = database.prepare('DELETE FROM run WHERE id = ?');
  const giveBack = database.prepare('PRAGMA incremental_vacuum');
  return async (runId) => {
    session.write(() => {
      const { id } = runs.require(runId);
      const at = now();
      const claim = oldestClaim.get(id, at - SETTLE_MS)?.['at'];
      const { named, neverNamed } = horizons(at, typeof claim === 'number' ? claim : null);
      deleteNamed.run(id, named);
      forgetCalls(id);
      deleteRun.run(id);
      deleteNeverNamed.run(neverNamed);
      // Frees the pages one step at a time; `all` is what takes every step.
      giveBack.all();
    });
  };
}

export function createBlobs(session: Session, runs: Runs, forgetCalls: ForgetCalls): Blobs {
  const { database, now } = session;
  const touch = database.prepare('UPDATE blob SET put_at = max(put_at, ?) WHERE hash = ?');
  const insert = database.prepare(
    `INSERT INTO blob (hash, put_at, size, codec, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO UPDATE SET put_at = max(put_at, excluded.put_at)`,
  );
  const select = database.prepare('SELECT size, codec, bytes FROM blob WHERE hash = ?');
  const there = database.prepare('SELECT 1 FROM blob WHERE hash = ?');
  const insertPacked = (hash: string, bytes: Uint8Array, { codec, packed }: ReturnType<typeof pack>): void => {
    insert.run(hash, now(), bytes.length, codec, packed);
  };
  const put = (blobs: readonly Uint8Array[]): readonly string[] => {
    const named = blobs.map((bytes) => [blobHash(bytes), bytes] as const);
    const given = [...new Map(named)].filter(([hash]) => hash !== EMPTY_HASH);
    const missing = session.read(() => given.filter(([hash]) => there.get(hash) === undefined));
    // Compressed before the write lock is taken: other runs write meanwhile.
    const packed = new Map(missing.map(([hash, bytes]) => [hash, pack(bytes)]));
    if (given.length === 0) return named.map(([hash]) => hash);
    session.write(() => {
      for (const [hash, bytes] of given) {
        const ready = packed.get(hash);
        if (ready !== undefined) insertPacked(hash, bytes, ready);
        // It was there, and another process forgot it meanwhile.
        else if (touch.run(now(), hash).changes === 0) insertPacked(hash, bytes, pack(bytes));
      }
    });
    return named.map(([hash]) => hash);
  };
  return {
    async putBlob(bytes) {
      put([bytes]);
      return blobHash(bytes);
    },
    async putBlobs(blobs) {
      return put(blobs);
    },
    async getBlob(hash) {
      const row = session.read(() => select.get(hash));
      if (hash === EMPTY_HASH) return new Uint8Array();
      if (row === undefined) throw blobMissing(hash, 'is not in the store');
      const bytes = unpack(row, hash);
      if (blobHash(bytes) !== hash)
        throw blobMissing(hash, `is damaged: its bytes now have the hash ${blobHash(bytes)}`);
      return bytes;
    },
    forget: createForget(session, runs, forgetCalls),
  };
}
