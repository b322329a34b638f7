/** Migrations tried for real, on SQLite in the real sandbox. PostgreSQL has a command of its own (`npm run test:migrations`). */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tryOn } from '../../test/support/migration-trees.ts';
import type { Tried } from '../../test/support/migration-trees.ts';
import type { MigrationOutcome } from '../core/migration.ts';
import type { LaunchSpec, Sandbox } from '../ports/sandbox.ts';
import { createBubblewrapSandbox } from '../sandboxes/bubblewrap/index.ts';

const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });

const BASE = {
  'db/migrations/1_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);',
  'db/migrations/1_users.down.sql': 'DROP TABLE users;',
};

const sqlite = { database: 'sqlite' } as const;

function pair(up: string, down: string | null): Tried {
  const change = { 'db/migrations/2_more.up.sql': up };
  return {
    base: BASE,
    change: down === null ? change : { ...change, 'db/migrations/2_more.down.sql': down },
    rules: sqlite,
  };
}

interface Row {
  readonly what: string;
  readonly tried: Tried;
  readonly outcome: MigrationOutcome;
  readonly words: string;
}

/** A tool of the repository, as small as can be: what is in `up.sql` or `down.sql` beside the name. */
const TOOL = `const { DatabaseSync } = require('node:sqlite');
const { readFileSync, readdirSync } = require('node:fs');
const db = new DatabaseSync(process.env.DATABASE_PATH);
db.exec('CREATE TABLE IF NOT EXISTS knex_migrations (name TEXT)');
const names = readdirSync('migrations').filter((n) => n.endsWith('.js')).sort();
const load = (name) => require(process.cwd() + '/migrations/' + name);
const knex = { raw: (sql) => db.exec(sql) };
const ran = db.prepare('SELECT name FROM knex_migrations ORDER BY name').all().map((r) => r.name);
if (process.argv[2] === 'up') for (const name of names.filter((n) => !ran.includes(n))) {
  load(name).up(knex); db.prepare('INSERT INTO knex_migrations VALUES (?)').run(name);
}
else for (const name of ran.slice(-Number(process.env.MIGRATION_COUNT)).reverse()) {
  load(name).down(knex); db.prepare('DELETE FROM knex_migrations WHERE name = ?').run(name);
}
`;
const NODE = '/run/loopwright/node';
const knex = (up: string, down: string): string =>
  `exports.up = (knex) => { ${up} };\nexports.down = (knex) => { ${down} };\n`;
const CODE: Tried = {
  base: {
    'tool.js': TOOL,
    'migrations/1_a.js': knex("knex.raw('CREATE TABLE a (id INTEGER)')", "knex.raw('DROP TABLE a')"),
  },
  change: { 'migrations/2_b.js': knex("knex.raw('CREATE TABLE b (id INTEGER)')", "knex.raw('DROP TABLE b')") },
  rules: { database: 'sqlite', up: `${NODE} tool.js up`, down: `${NODE} tool.js down` },
};

const ROWS: readonly Row[] = [
  {
    what: 'a column and its way back',
    tried: pair('ALTER TABLE users ADD COLUMN age INTEGER;', 'ALTER TABLE users DROP COLUMN age;'),
    outcome: 'returned',
    words: 'down brought the schema back, and up again works',
  },
  {
    what: 'a column that comes back in another place',
    tried: {
      base: {
        ...BASE,
        'db/migrations/1_users.up.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);',
      },
      change: {
        'db/migrations/2_less.up.sql': 'ALTER TABLE users DROP COLUMN name;',
        'db/migrations/2_less.down.sql': 'ALTER TABLE users ADD COLUMN name TEXT;',
      },
      rules: sqlite,
    },
    outcome: 'returned',
    words: 'but for the order of columns',
  },
  {
    what: 'a rename and its way back, after which SQLite writes the name in quotes',
    tried: pair('ALTER TABLE users RENAME TO people;', 'ALTER TABLE people RENAME TO users;'),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'a trigger with a body',
    tried: pair(
      'CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET name = 1; SELECT 1; END;',
      'DROP TRIGGER t;',
    ),
    outcome: 'returned',
    words: 'down brought the schema back',
  },
  {
    what: 'canary: a way down that forgets the index',
    tried: pair('CREATE TABLE tags (id INTEGER); CREATE INDEX by_name ON users (name);', 'DROP TABLE tags;'),
    outcome: 'changed',
    words: 'left over: CREATE INDEX BY_NAME ON USERS ( NAME )',
  },
  {
    what: 'canary: a way down that does something else',
    tried: pair('ALTER TABLE users ADD COLUMN age INTEGER;', 'SELECT 1;'),
    outcome: 'changed',
    words: 'after down the schema is not what it was',
  },
  {
    what: 'rows, which are not compared',
    tried: pair("INSERT INTO users (id, name) VALUES (1, 'a');", 'DELETE FROM users WHERE id = 1;'),
    outcome: 'unproven',
    words: 'up leaves the schema as it is',
  },
  {
    what: 'canary: rows that nothing takes back, beside a table that goes back',
    tried: {
      ...pair('CREATE TABLE tags (id INTEGER);', 'DROP TABLE tags;'),
      change: {
        ...pair('CREATE TABLE tags (id INTEGER);', 'DROP TABLE tags;').change,
        'db/migrations/3_rows.up.sql': "INSERT INTO users (name) VALUES ('a');",
        'db/migrations/3_rows.down.sql': 'SELECT 1;',
      },
    },
    outcome: 'unproven',
    words: '3 changes rows alone',
  },
  {
    what: 'canary: a setting of the file that stays behind',
    tried: pair('CREATE TABLE b (id INTEGER); PRAGMA user_version = 7;', 'DROP TABLE b;'),
    outcome: 'changed',
    words: 'left over: PRAGMA USER_VERSION = 7',
  },
  {
    what: 'another file outside a transaction, which is not looked into',
    tried: {
      base: {},
      change: {
        'db/1.sql':
          "-- migrate:up transaction:false\nCREATE TABLE b (id INTEGER);\nATTACH DATABASE '/tmp/other.db' AS other;\nCREATE TABLE other.c (id INTEGER);\n-- migrate:down transaction:false\nDROP TABLE b; ATTACH DATABASE '/tmp/other.db' AS o; DROP TABLE o.c;\n",
      },
      rules: sqlite,
    },
    outcome: 'unproven',
    words: 'ATTACH (db/1.sql:3) is not part of the schema',
  },
  {
    what: 'what only a client understands',
    tried: pair('.read other.sql\nCREATE TABLE b (id INTEGER);', 'DROP TABLE b;'),
    outcome: 'untried',
    words: 'only a client of the database understands `.read other.sql`',
  },
  {
    what: 'a statement in what another database takes for a comment',
    tried: pair('/* /* */ CREATE TABLE b (id INTEGER); -- */', 'SELECT 1;'),
    outcome: 'changed',
    words: 'left over: CREATE TABLE B',
  },
  {
    what: 'no way down',
    tried: pair('ALTER TABLE users ADD COLUMN age INTEGER;', null),
    outcome: 'no-down',
    words: 'there is no way down',
  },
  {
    what: 'a way up that fails, with its place',
    tried: pair('SELECT 1;\n\nALTER TABLE nobody ADD COLUMN age INTEGER;', 'SELECT 1;'),
    outcome: 'failed',
    words: 'up (db/migrations/2_more.up.sql:3) ended with: no such table: nobody',
  },
  {
    what: 'a way down that fails',
    tried: pair('ALTER TABLE users ADD COLUMN age INTEGER;', 'DROP TABLE nobody;'),
    outcome: 'failed',
    words: 'its way down (db/migrations/2_more.down.sql:1) ended with: no such table: nobody',
  },
  {
    what: 'a transaction that is left open, so that what follows decides what stays',
    tried: pair('BEGIN; CREATE TABLE b (id INTEGER);', 'ROLLBACK;'),
    outcome: 'failed',
    words: 'up (db/migrations/2_more.up.sql:1) ended with: it leaves a transaction open',
  },
  {
    what: 'a table that is gone with the connection',
    tried: pair('CREATE TEMP TABLE b (id INTEGER);', 'DROP TABLE b;'),
    outcome: 'failed',
    words: 'its way down (db/migrations/2_more.down.sql:1) ended with: no such table: b',
  },
  {
    what: 'a base that does not run here',
    tried: {
      ...pair('SELECT 1;', 'SELECT 1;'),
      base: { 'db/migrations/1_a.up.sql': 'CREATE TABLE a (id INTEGER) ENGINE;' },
    },
    outcome: 'untried',
    words: 'the migrations of the base (1) ended with',
  },
  {
    what: 'an edited migration of the base',
    tried: {
      base: BASE,
      change: { 'db/migrations/1_users.up.sql': 'CREATE TABLE users (id INTEGER);' },
      rules: sqlite,
    },
    outcome: 'untried',
    words: 'edited or removed (1)',
  },
  {
    what: 'a file that is too large to be read',
    tried: { base: {}, change: { 'db/migrations/9_big.up.sql': `-- ${'x'.repeat(2 ** 20)}\nDROP TABLE a;` } },
    outcome: 'untried',
    words: 'too large to be read',
  },
  {
    what: 'a base of which a file is too large to be read',
    tried: {
      ...pair('CREATE TABLE b (id int);', 'DROP TABLE b;'),
      base: { ...BASE, 'db/migrations/1_z.up.sql': `-- ${'x'.repeat(2 ** 20)}` },
    },
    outcome: 'untried',
    words: 'db/migrations/1_z.up.sql is no regular file, or too large to be read',
  },
  {
    what: 'the same where migrations lie at the top',
    tried: {
      base: { '1_a.up.sql': 'SELECT 1;', '2_b.up.sql': `-- ${'x'.repeat(2 ** 20)}` },
      change: { '3_c.up.sql': 'CREATE TABLE b (id int);', '3_c.down.sql': 'DROP TABLE b;' },
      rules: sqlite,
    },
    outcome: 'untried',
    words: '2_b.up.sql is no regular file, or too large to be read',
  },
  {
    what: 'a database nobody names',
    tried: { ...pair('CREATE TABLE b (id int);', 'DROP TABLE b;'), rules: {}, base: {} },
    outcome: 'untried',
    words: '`migrations.database`',
  },
  {
    what: 'a change that says its database is another one than that of the base',
    tried: {
      ...pair('CREATE TABLE b (id INTEGER);', 'DROP TABLE b;'),
      base: { ...BASE, 'knexfile.js': "module.exports = { client: 'mysql2' };\n" },
      change: {
        ...pair('CREATE TABLE b (id INTEGER);', 'DROP TABLE b;').change,
        'db/migrations/knexfile.js': "module.exports = { client: 'sqlite3' };\n",
      },
      rules: {},
    },
    outcome: 'untried',
    words: 'a database that is not tried here',
  },
  {
    what: 'a database that is not known here',
    tried: { ...pair('CREATE TABLE b (id int AUTO_INCREMENT);', 'DROP TABLE b;'), rules: {} },
    outcome: 'untried',
    words: 'a database that is not tried here',
  },
  {
    what: 'code without commands',
    tried: { ...CODE, rules: sqlite },
    outcome: 'untried',
    words: 'give `migrations.up` and `migrations.down` in the policy, such as `npx knex migrate:latest`',
  },
  {
    what: 'SQL with a placeholder that only the tool fills in',
    tried: { base: {}, change: { 'sql/V1__a.sql': 'CREATE TABLE ${schema}.a (id INTEGER);' }, rules: sqlite },
    outcome: 'untried',
    words: 'only the tool can fill in its placeholders: give `migrations.up`',
  },
  ...(
    [
      [
        'a class among SQL of Flyway',
        {
          'src/main/resources/db/migration/V2__b.sql': 'CREATE TABLE b (id INTEGER);',
          'src/main/java/db/migration/V3__c.java': 'public class V3__c extends BaseJavaMigration { }',
        },
      ],
      ['a function of Go', { 'migrations/00002_b.go': 'func init() { goose.AddMigrationContext(up, down) }' }],
    ] as const
  ).map(([what, change]) => ({
    what: `${what}, without commands`,
    tried: { base: {}, change, rules: sqlite },
    outcome: 'untried' as const,
    words: 'its migrations are code, or some of them are: give `migrations.up`',
  })),
  ...(
    [
      ['MySQL', { 'db/migrations/2_b.up.sql': 'CREATE TABLE b (id INT) ENGINE=InnoDB;' }],
      ['SQL Server', { 'V1__b.sql': 'CREATE TABLE b (id INT, n NVARCHAR(20));' }],
      [
        'MongoDB',
        {
          'ormconfig.js': "module.exports = { type: 'mongodb' };\n",
          'migrations/1-b.js': knex("knex.raw('x')", "knex.raw('y')"),
        },
      ],
    ] as const
  ).map(([what, change]) => ({
    what: `a database that is not tried here: ${what}`,
    tried: { base: {}, change },
    outcome: 'untried' as const,
    words: 'a database that is not tried here',
  })),
  {
    what: 'code of a tool that is not known here',
    tried: {
      base: {},
      change: { 'migrations/1-a.js': 'module.exports = { async up(db, client) { x(); }, async down(db) { y(); } };' },
    },
    outcome: 'untried',
    words: 'nothing says whether it is for SQLite or PostgreSQL',
  },
  {
    what: 'more migrations than are tried',
    tried: {
      base: BASE,
      change: Object.fromEntries(
        Array.from({ length: 201 }, (_, index) => [`db/migrations/${index + 2}_a.up.sql`, 'SELECT 1;']),
      ),
    },
    outcome: 'untried',
    words: 'the change has 201 migrations; 200 are read and tried: split it',
  },
  { what: 'code with commands', tried: CODE, outcome: 'returned', words: 'down brought the schema back' },
  {
    what: 'code that fails',
    tried: { ...CODE, change: { 'migrations/2_b.js': knex("throw new Error('no luck')", "knex.raw('DROP TABLE b')") } },
    outcome: 'failed',
    words: 'no luck',
  },
];

describe('migrations on a disposable SQLite', () => {
  it.each(ROWS)('$what: $outcome', async ({ tried, outcome, words }) => {
    const [trial, ...others] = await tryOn(sandbox, tried);
    expect(others).toEqual([]);
    expect(trial?.detail).toContain(words);
    expect(trial?.outcome).toBe(outcome);
  });

  it('tries none of more series than there is time for, and says so of each', async () => {
    const change = Object.fromEntries(
      Array.from({ length: 21 }, (_, index) => [`app${index}/migrations/1_a.up.sql`, 'CREATE TABLE a (id INTEGER);']),
    );
    const trials = await tryOn(sandbox, { base: {}, change, rules: sqlite });
    expect(trials).toHaveLength(21);
    expect(new Set(trials.map(({ outcome, detail }) => `${outcome}: ${detail}`))).toEqual(
      new Set(['untried: the change has migrations in 21 series; 20 are read and tried: split it']),
    );
  });

  it('says what a person types and what is lost by it', async () => {
    const [trial] = await tryOn(sandbox, ROWS[0]?.tried ?? pair('', null));
    expect(trial).toMatchObject({ tool: 'golang-migrate', ids: ['2'], database: 'sqlite' });
    expect(trial?.undo).toEqual({
      command: 'migrate -path db/migrations -database "$DATABASE_URL" down 1',
      lost: ['the column users.age'],
    });
  });

  it('gives SQL no way to the answer and none out of the sandbox', async () => {
    const load = "SELECT load_extension('/usr/lib/x.so');";
    const [trial] = await tryOn(sandbox, pair(load, 'SELECT 1;'));
    expect(trial).toMatchObject({ outcome: 'failed' });
    expect(trial?.detail).toContain('not authorized');
  });

  it('ends a statement that never ends, in words', async () => {
    const asked: LaunchSpec[] = [];
    const endless = 'WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;';
    const hurried: Sandbox = {
      ...sandbox,
      launch: (spec, signal) => {
        asked.push(spec);
        return sandbox.launch({ ...spec, limits: { ...spec.limits, wallTimeMs: 1_000 } }, signal);
      },
    };
    const [trial] = await tryOn(hurried, pair(endless, 'SELECT 1;'));
    expect(trial).toMatchObject({ outcome: 'untried', detail: 'it did not end in time' });
    // It is the limit that is there without the test which ends it.
    expect(asked.map(({ limits }) => [limits.wallTimeMs, Number.isFinite(limits.outputBytes)])).toEqual([
      [180_000, true],
    ]);
  });

  it('leaves no file outside, wherever SQL would put one', async () => {
    const place = mkdtempSync(join(tmpdir(), 'loopwright-reached-'));
    const up = `ATTACH '${place}/a.db' AS a; CREATE TABLE a.b (id INTEGER);\nVACUUM INTO '${place}/c.db';`;
    const [trial] = await tryOn(sandbox, {
      base: {},
      change: { 'db/1.sql': `-- migrate:up transaction:false\n${up}\n-- migrate:down\nSELECT 1;\n` },
      rules: sqlite,
    });
    expect(trial).toMatchObject({ outcome: 'failed' });
    expect(trial?.detail).toContain('unable to open database');
    expect(readdirSync(place)).toEqual([]);
    rmSync(place, { recursive: true });
  });

  it('takes a series that the change does not touch for none', async () => {
    expect(await tryOn(sandbox, { base: BASE, change: { 'README.md': '' } })).toEqual([]);
  });
});
