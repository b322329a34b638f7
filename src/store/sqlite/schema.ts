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

/** Amounts are whole nano-dollars and tokens; 9007199254740991 is the last number JavaScript counts exactly. */
const LEDGER = `
CREATE TABLE scope (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('run', 'class', 'repository', 'day')),
  scope_key TEXT NOT NULL UNIQUE,
  spent_nano_usd INTEGER NOT NULL CHECK (spent_nano_usd >= 0),
  spent_tokens INTEGER NOT NULL CHECK (spent_tokens >= 0),
  held_nano_usd INTEGER NOT NULL CHECK (held_nano_usd >= 0),
  held_tokens INTEGER NOT NULL CHECK (held_tokens >= 0),
  -- The ceilings given with the newest successful hold; NULL for unlimited. The program compares before it writes. These
  -- two lines are there for the day on which it does so wrongly.
  ceiling_nano_usd INTEGER,
  ceiling_tokens INTEGER,
  CHECK (spent_nano_usd + held_nano_usd <= coalesce(ceiling_nano_usd, 9007199254740991)),
  CHECK (spent_tokens + held_tokens <= coalesce(ceiling_tokens, 9007199254740991))
) STRICT;

CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL UNIQUE,
  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  nano_usd INTEGER NOT NULL CHECK (nano_usd >= 0),
  tokens INTEGER NOT NULL CHECK (tokens >= 0),
  hold_ms INTEGER NOT NULL CHECK (hold_ms > 0),
  until INTEGER NOT NULL,
  -- 1 until there is a charge.
  open INTEGER NOT NULL CHECK (open IN (0, 1))
) STRICT;
CREATE INDEX open_hold ON hold (until) WHERE open = 1;
CREATE INDEX hold_of_run ON hold (run);

CREATE TABLE hold_scope (
  hold INTEGER NOT NULL REFERENCES hold (id) ON DELETE CASCADE,
  scope INTEGER NOT NULL REFERENCES scope (id),
  PRIMARY KEY (hold, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_scope_by_scope ON hold_scope (scope);

-- In the order in which calls were charged.
CREATE TABLE charge (
  id INTEGER PRIMARY KEY,
  hold INTEGER NOT NULL UNIQUE REFERENCES hold (id) ON DELETE CASCADE,
  nano_usd INTEGER NOT NULL CHECK (nano_usd >= 0),
  tokens INTEGER NOT NULL CHECK (tokens >= 0),
  basis TEXT NOT NULL CHECK (basis IN ('metered', 'estimated', 'capped', 'expired')),
  charged_at INTEGER NOT NULL,
  -- 1 once the driver of the run was told.
  known INTEGER NOT NULL CHECK (known IN (0, 1))
) STRICT;
`;

/** Numbers are never used again: what a log says of `f3` stays true. */
const FREEZES = `
CREATE TABLE freeze (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- NULL: every repository.
  repository TEXT,
  paths TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  until INTEGER,
  thawed_by TEXT,
  thawed_at INTEGER,
  CHECK ((thawed_by IS NULL) = (thawed_at IS NULL))
) STRICT;
`;

export const MIGRATIONS: readonly string[] = [LOG_LEASES_AND_BLOBS, LEDGER, FREEZES];

/** The version this program reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
