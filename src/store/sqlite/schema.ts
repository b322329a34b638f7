/**
 * The tables, as numbered migrations: entry 0 makes version 1, and so on. Never edit an entry that was released; append
 * one, and add a golden file with `scripts/golden-store.ts`. SQL lives in TypeScript because the build is plain `tsc`,
 * which copies no other files. `PRAGMA user_version` is the version a file has.
 */

/** "LWRT": marks a file as ours, so that a database of another program is never written to. */
export const APPLICATION_ID = 0x4c575254;

const LOG_LEASES_AND_BLOBS = `
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  repository TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seq INTEGER NOT NULL CHECK (last_seq >= 0),
  head TEXT NOT NULL CHECK (length(head) = 64),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  owner TEXT,
  claimed_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  body TEXT NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  PRIMARY KEY (run, seq)
) STRICT;

CREATE TABLE signal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('stop', 'kill')),
  -- A JSON string: plain text would lose lone surrogates.
  sender TEXT NOT NULL
) STRICT;
CREATE INDEX signal_of_run ON signal (run, id);

CREATE TABLE blob (
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  put_at INTEGER NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  codec TEXT NOT NULL CHECK (codec IN ('raw', 'zstd')),
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX blob_by_age ON blob (put_at, hash);

-- Which hashes the events of a run name, filled with each append. The alternative, scanning the text of all other
-- events in every forget, would hold the write lock for seconds once the store is large.
CREATE TABLE run_blob (
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (run, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_blob_by_hash ON run_blob (hash);
`;

export const MIGRATIONS: readonly string[] = [LOG_LEASES_AND_BLOBS];

/** The version this program reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
