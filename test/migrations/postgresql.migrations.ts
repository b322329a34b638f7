/** Migrations on PostgreSQL servers that are started for them inside the real sandbox, and gone with it. */
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { MigrationOutcome } from '../../src/core/migration.ts';
import { eventually } from '../../src/process/process-tree.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import { createNoSandbox } from '../../src/sandboxes/none/index.ts';
import { RIGHT_FIX, SUM, repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { tryOn } from '../support/migration-trees.ts';
import type { Tried } from '../support/migration-trees.ts';

const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });

/** A process can go while it is looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** Of every trial on this machine. */
function serverIds(): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const isServer = (id: string): boolean =>
    readOrNothing(`/proc/${id}/cmdline`).includes('unix_socket_directories=/tmp/loopwright-migrations');
  return ids.filter(isServer);
}

/** Started by this process, through whatever lies between. */
function isOurs(id: string): boolean {
  const parent = /^PPid:\t(\d+)$/m.exec(readOrNothing(`/proc/${id}/status`))?.[1] ?? '0';
  return parent === String(process.pid) || (Number(parent) > 1 && isOurs(parent));
}

const places: Place[] = [];

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

const BASE = {
  'db/migrations/1_users.up.sql':
    'CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, made timestamptz DEFAULT now());',
  'db/migrations/1_users.down.sql': 'DROP TABLE users;',
};

function pair(up: string, down: string): Tried {
  return { base: BASE, change: { 'db/migrations/2_more.up.sql': up, 'db/migrations/2_more.down.sql': down } };
}

interface Row {
  readonly what: string;
  readonly tried: Tried;
  readonly outcome: MigrationOutcome;
  readonly words: string;
}

const ROWS: readonly Row[] = [
  {
    what: 'a column with a check, a function and a trigger, and their way back',
    tried: pair(
      `ALTER TABLE users ADD COLUMN age int CHECK (age > 0);
       CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.made = now(); RETURN NEW; END; $$;
       CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();`,
      'DROP TRIGGER touched ON users; DROP FUNCTION touch(); ALTER TABLE users DROP COLUMN age;',
    ),
    outcome: 'returned',
    words: 'down brought the schema back, and up again works',
  },
  {
    what: 'an index that is built beside other work',
    tried: pair('CREATE INDEX CONCURRENTLY by_name ON users (name);', 'DROP INDEX CONCURRENTLY by_name;'),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'canary: a type that stays behind',
    tried: pair(
      "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TABLE users ADD COLUMN mood mood;",
      'ALTER TABLE users DROP COLUMN mood;',
    ),
    outcome: 'changed',
    words: 'left over: CREATE TYPE PUBLIC . MOOD',
  },
  {
    what: 'canary: rights that are not given back',
    tried: pair('GRANT SELECT ON users TO PUBLIC;', 'SELECT 1;'),
    outcome: 'changed',
    words: 'left over: GRANT SELECT ON TABLE PUBLIC . USERS TO PUBLIC',
  },
  {
    what: 'a statement that does not fit the schema',
    tried: pair('ALTER TABLE users\n  ADD COLUMN name text;', 'SELECT 1;'),
    outcome: 'failed',
    words: 'up (db/migrations/2_more.up.sql:1) ended with: column "name" of relation "users" already exists',
  },
  {
    what: 'a program that PostgreSQL should start',
    tried: pair("COPY users TO PROGRAM 'touch /tmp/reached';", 'SELECT 1;'),
    outcome: 'failed',
    words: 'COPY to or from an external program',
  },
  {
    what: 'a right for the superuser',
    tried: pair(
      "GRANT SELECT ON users TO loopwright_superuser;\nSET ROLE loopwright_superuser;\nCOPY (SELECT 1) TO PROGRAM 'touch /tmp/reached';",
      'SELECT 1;',
    ),
    outcome: 'untried',
    words: 'does not do it: permission denied to set role "loopwright_superuser"',
  },
  {
    what: 'an extension that is not installed here',
    tried: pair('CREATE EXTENSION loopwright_none;', 'SELECT 1;'),
    outcome: 'untried',
    words: 'CREATE EXTENSION (db/migrations/2_more.up.sql:1) reaches beyond',
  },
  {
    what: 'a superuser that SQL makes of itself',
    tried: pair('ALTER ROLE migrator SUPERUSER;', 'SELECT 1;'),
    outcome: 'untried',
    words: 'ALTER ROLE (db/migrations/2_more.up.sql:1) reaches beyond the database it is tried on',
  },
  {
    what: 'a program that a role would need more rights for',
    tried: pair('GRANT pg_execute_server_program TO migrator;', 'SELECT 1;'),
    outcome: 'untried',
    words: 'GRANT of a role (db/migrations/2_more.up.sql:1) reaches beyond',
  },
  {
    what: 'what only psql understands',
    tried: pair('\\! touch /tmp/reached\nSELECT 1;', 'SELECT 1;'),
    outcome: 'untried',
    words: 'only a client of the database understands `\\! touch /tmp/reached`',
  },
  {
    what: 'rows, which are not compared',
    tried: pair("INSERT INTO users (name) VALUES ('a');", 'DELETE FROM users;'),
    outcome: 'unproven',
    words: 'up leaves the schema as it is',
  },
  {
    what: 'rights for a role that production has',
    tried: pair('GRANT SELECT ON users TO app_reader, "Other";', 'REVOKE SELECT ON users FROM app_reader, "Other";'),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'canary: rights for a role that are not given back',
    tried: pair('GRANT SELECT, INSERT ON users TO app_reader;', 'REVOKE INSERT ON users FROM app_reader;'),
    outcome: 'changed',
    words: 'left over: GRANT SELECT ON TABLE PUBLIC . USERS TO APP_READER',
  },
  {
    what: 'canary: an owner that is not put back',
    tried: pair('ALTER TABLE users OWNER TO app_owner;', 'SELECT 1;'),
    outcome: 'changed',
    words: 'left over: ALTER TABLE PUBLIC . USERS OWNER TO APP_OWNER',
  },
  {
    what: 'an owner that is put back, and what runs as another role',
    tried: pair(
      'ALTER TABLE users OWNER TO app_owner; SET ROLE app_owner; ALTER TABLE users ADD COLUMN age int; RESET ROLE;',
      'ALTER TABLE users DROP COLUMN age; ALTER TABLE users OWNER TO migrator;',
    ),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'canary: a setting of a role that stays behind',
    tried: pair("ALTER ROLE migrator SET statement_timeout = '5s';", 'SELECT 1;'),
    outcome: 'changed',
    words: 'left over: ALTER ROLE MIGRATOR SET STATEMENT_TIMEOUT',
  },
  {
    what: 'a setting of a role that is taken back',
    tried: pair("ALTER ROLE migrator SET statement_timeout = '5s';", 'ALTER ROLE migrator RESET statement_timeout;'),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'a password, which nobody sees',
    tried: pair("CREATE TABLE b (id int);\nALTER ROLE migrator PASSWORD 'x';", 'DROP TABLE b;'),
    outcome: 'unproven',
    words: 'ALTER ROLE ... PASSWORD (db/migrations/2_more.up.sql:2) is not part of the schema',
  },
  {
    what: 'a role that is made in a block',
    tried: pair(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_x') THEN CREATE ROLE app_x; END IF; END $$; CREATE TABLE b (id int); GRANT SELECT ON b TO app_x;",
      'DROP TABLE b;',
    ),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'a result as large as the server makes one',
    tried: pair("SELECT repeat('x', 50000000);", 'SELECT 1;'),
    outcome: 'unproven',
    words: 'up leaves the schema as it is',
  },
  {
    what: 'rows and notices without end in sight',
    tried: pair(
      "DO $$ BEGIN FOR i IN 1..20000 LOOP RAISE WARNING '%', repeat('x', 1000); END LOOP; END $$; COPY (SELECT repeat('x', 100) FROM generate_series(1, 200000)) TO STDOUT;",
      'SELECT 1;',
    ),
    outcome: 'unproven',
    words: 'up leaves the schema as it is',
  },
  {
    what: 'an error of ten megabytes',
    tried: pair("DO $$ BEGIN RAISE EXCEPTION '%', repeat('y', 10000000); END $$;", 'SELECT 1;'),
    outcome: 'failed',
    words: 'ended with: ',
  },
  ...[
    ['CREATE ROLE app', 'CREATE ROLE'],
    ["ALTER SYSTEM SET work_mem = '1GB'", 'ALTER SYSTEM'],
    ['ALTER DATABASE production SET search_path = x', 'ALTER DATABASE'],
    ['CREATE DATABASE other', 'CREATE DATABASE'],
  ].map(([up = '', words = '']) => ({
    what: `what the server would do beside the database: ${up}`,
    tried: pair(`${up};`, 'SELECT 1;'),
    outcome: 'untried' as const,
    words: `${words} (db/migrations/2_more.up.sql:1) reaches beyond`,
  })),
  {
    what: 'data that a client would send',
    tried: pair('COPY users (name) FROM STDIN;', 'SELECT 1;'),
    outcome: 'failed',
    words: 'there is no data to copy',
  },
  {
    what: 'a transaction that is left open',
    tried: pair('BEGIN; CREATE TABLE b (id int);', 'ROLLBACK;'),
    outcome: 'failed',
    words: 'up (db/migrations/2_more.up.sql:1) ended with: it leaves a transaction open',
  },
  {
    what: 'canary: a setting of the database that stays behind',
    tried: pair('ALTER DATABASE app SET search_path = other, public;', 'SELECT 1;'),
    outcome: 'changed',
    words: 'left over: ALTER DATABASE APP SET SEARCH_PATH',
  },
  {
    what: 'a function with a line that psql would read as a command',
    tried: pair("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '\n\\x' $f$;", 'DROP FUNCTION f();'),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'canary: a line of a function that looks like a command of psql',
    tried: {
      base: {
        ...BASE,
        'db/migrations/0_f.up.sql': "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '\n\\x\n' $f$;",
      },
      change: {
        'db/migrations/2_more.up.sql':
          "CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '\n\\y\n' $f$;",
        'db/migrations/2_more.down.sql': 'SELECT 1;',
      },
    },
    outcome: 'changed',
    words: 'left over: CREATE FUNCTION PUBLIC . F',
  },
];

describe('migrations on a disposable PostgreSQL', () => {
  it.each(ROWS)('$what: $outcome', async ({ tried, outcome, words }) => {
    const [trial, ...others] = await tryOn(sandbox, tried);
    expect(others).toEqual([]);
    expect(trial?.detail.toLowerCase()).toContain(words.toLowerCase());
    expect(trial).toMatchObject({ outcome, database: 'postgresql' });
    expect(trial?.detail.length).toBeLessThan(1_000);
  });

  it('commands of the repository get an address on a network that is the sandbox alone', async () => {
    const psql = 'psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL"';
    const knex = (sql: string): string =>
      `exports.up = (knex) => knex.raw('${sql}');\nexports.down = (knex) => knex.raw('x');\n`;
    const [trial] = await tryOn(sandbox, {
      base: {
        'knexfile.js': "module.exports = { client: 'pg' };\n",
        'up.sql': 'SELECT 1;',
        'migrations/1.js': knex('SELECT 1'),
      },
      change: { 'migrations/2.js': knex('SELECT 2'), 'up.sql': 'CREATE TABLE b (id int);' },
      rules: {
        up: `${psql} -f up.sql && psql "$DATABASE_URL" -c "SELECT inet_server_addr()" | grep 127.0.0.1`,
        down: `${psql} -c "DROP TABLE b"`,
      },
    });
    expect(trial).toMatchObject({ tool: 'knex', database: 'postgresql', outcome: 'returned' });
  });

  it('is not tried, and says so, where it would run as root', async () => {
    if (process.getuid?.() !== 0) return;
    const [trial] = await tryOn(createNoSandbox({ hostEnvironment: process.env }), pair('SELECT 1;', 'SELECT 1;'));
    expect(trial).toMatchObject({ outcome: 'untried', detail: expect.stringContaining('does not start as root') });
  });

  it.each([
    ['that sleeps', 'SELECT pg_sleep(3600);'],
    ['that never ends', 'DO $$ BEGIN LOOP END LOOP; END $$;'],
  ])('has a server while one runs %s, and none once it is cut short', async (_, up) => {
    const stop = new AbortController();
    const running = tryOn(sandbox, { ...pair(up, 'SELECT 1;'), signal: stop.signal });
    const ours: string[] = [];
    const seen = (): boolean => ours.push(...serverIds().filter(isOurs)) > 0;
    expect(await eventually(seen, 120_000)).toBe(true);
    stop.abort();
    expect(await running).toMatchObject([{ outcome: 'untried' }]);
    expect(serverIds().filter((id) => ours.includes(id))).toEqual([]);
  });

  it('leaves no server behind a whole run, and holds the change', async () => {
    const here = repositoryWith({ ...SUM, 'sum.js': RIGHT_FIX, ...BASE });
    places.push(here);
    const write = (path: string, text: string): string => `{ write: { path: ${path}, text: ${JSON.stringify(text)} } }`;
    const steps = [
      write('db/migrations/2_age.up.sql', 'ALTER TABLE users ADD COLUMN age int;\n'),
      write('db/migrations/2_age.down.sql', 'ALTER TABLE users DROP COLUMN age;\n'),
    ];
    const script = scriptFile(here, `turns: [[${steps.join(', ')}]]`);
    const { code, events } = await here.run(
      'add an age',
      '--class',
      'migration',
      '--agent',
      'scripted',
      '--script',
      script,
    );
    // A migration is in a risk zone whatever its trial says.
    expect(code).toBe(11);
    const tried = events.flatMap((event) => (event.type === 'experiment.finished' ? [event.result] : []));
    expect(tried).toMatchObject([{ kind: 'migrations', trials: [{ outcome: 'returned', database: 'postgresql' }] }]);
    expect(here.processes()).toEqual([]);
  });
});
