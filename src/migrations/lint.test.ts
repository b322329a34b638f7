import { describe, expect, it } from 'vitest';
import { lintCode } from './code-lint.ts';
import { lintSql } from './lint.ts';

const destroyed = (sql: string): readonly string[] =>
  lintSql(sql, 'postgresql').flatMap(({ detector, message }) =>
    detector === 'migration-destructive' ? [message] : [],
  );
/** A function that destroys when somebody calls it. */
const F = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DROP TABLE users; RETURN 1; END $$; ';
const locked = (sql: string): readonly string[] =>
  lintSql(sql, 'postgresql').flatMap(({ detector, message }) => (detector === 'migration-locks' ? [message] : []));

describe('statements that destroy', () => {
  it.each([
    ['DROP TABLE users', 'drops the table users'],
    ['drop table if exists "Users" cascade', 'drops the table Users'],
    ['DROP TABLE a, public.b', 'drops the table public.b'],
    ['DROP SCHEMA app CASCADE', 'drops the schema app'],
    ['ALTER TABLE users DROP COLUMN name', 'drops the column users.name'],
    ['ALTER TABLE ONLY users DROP name, ADD age int', 'drops the column users.name'],
    ['ALTER TABLE IF EXISTS public.users DROP COLUMN IF EXISTS name CASCADE', 'drops the column public.users.name'],
    ['TRUNCATE users', 'empties users'],
    ['TRUNCATE TABLE users, b', 'empties users'],
    ['DELETE FROM users', 'deletes every row of users'],
    ['WITH x AS (SELECT 1) DELETE FROM users', 'deletes every row of users'],
    ['UPDATE users SET active = true', 'rewrites every row of users'],
    ['ALTER TABLE users ALTER COLUMN n TYPE smallint', 'changes the type of users.n'],
    ['ALTER TABLE users ALTER n SET DATA TYPE int USING n::int', 'changes the type of users.n'],
    ['ALTER TABLE users MODIFY n SMALLINT', 'changes a column of users'],
    ['ALTER TABLE users RENAME TO people', 'renames the table users'],
    ['ALTER TABLE users RENAME COLUMN a TO b', 'renames something of users'],
    ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", 'renames a type'],
    ['DROP TYPE mood', 'drops the type mood'],
    ['DROP EXTENSION hstore CASCADE', 'drops the extension hstore'],
    ['DROP OWNED BY app', 'drops all that a role owns'],
    // What the migration made is left out, and nothing else with it.
    ['CREATE TABLE tmp (id int); DROP TABLE tmp, users', 'drops the table users'],
    ['CREATE TABLE IF NOT EXISTS users (id int); DROP TABLE users', 'drops the table users'],
    ['CREATE TEMP TABLE users (id int); DROP TABLE users; DROP TABLE users', 'drops the table users'],
    [
      'SET search_path = x; CREATE TABLE users (id int); SET search_path = y; DROP TABLE users',
      'drops the table users',
    ],
    [
      "CREATE TABLE users (id int); SELECT set_config('search_path', 'y', false); DROP TABLE users",
      'drops the table users',
    ],
    ['DO $$ BEGIN DROP TABLE users; END $$', 'drops the table users'],
    [
      'DO $$ BEGIN IF EXISTS (SELECT 1) THEN ALTER TABLE users DROP COLUMN n; END IF; END $$',
      'drops the column users.n',
    ],
    ["DO LANGUAGE plpgsql 'BEGIN FOR i IN 1..2 LOOP DELETE FROM users; END LOOP; END'", 'deletes every row of users'],
    ["DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'users'); END $$", 'drops the table'],
    // Names and quotes that are longer for the database than they look.
    ['CREATE TABLE users😀 (id int); DROP TABLE users', 'drops the table users'],
    ['CREATE TABLE \u00a0users (id int); DROP TABLE users', 'drops the table users'],
    ['CREATE TABLE uſers (id int); DROP TABLE users', 'drops the table users'],
    ['CREATE TABLE to\u212aens (id int); DROP TABLE tokens', 'drops the table tokens'],
    ['CREATE TABLE u (id int); DROP TABLE U&"users"', 'drops the table U&"users"'],
    [`CREATE TABLE U&"!0075sers" (id int); DROP TABLE U&"!0075sers" UESCAPE '!'`, 'drops the table U&"!0075sers"'],
    ["SELECT E'a'\n'\\'' ; DROP TABLE users; --'", 'drops the table users'],
    ["SELECT E'a' -- b\n  '\\'' ; DROP TABLE users; --'", 'drops the table users'],
    ["SELECT $€$ ' $€$; DROP TABLE users; --'", 'drops the table users'],
    // Words that begin a body, and are names here.
    ['CREATE TABLE function (begin int); DROP TABLE users', 'drops the table users'],
    ['CREATE TABLE a (trigger text, begin int); DROP TABLE users', 'drops the table users'],
    ['CREATE TRIGGER begin AFTER INSERT ON t EXECUTE FUNCTION f(); DROP TABLE users', 'drops the table users'],
    [
      'CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; DROP TABLE users',
      'drops the table users',
    ],
    // What is called by what runs, and by nothing that stands there as it is.
    [`${F}DO $$ BEGIN PERFORM f(); END $$`, 'drops the table users'],
    [`${F}CREATE FUNCTION g() RETURNS int AS 'SELECT f()'; SELECT g()`, 'drops the table users'],
    [`${F}CREATE TABLE x AS SELECT f()`, 'drops the table users'],
    [`${F}CREATE FUNCTION f(int) RETURNS int AS 'SELECT 1'; SELECT f()`, 'drops the table users'],
    [
      `CREATE FUNCTION f(a text DEFAULT '${'x'.repeat(80)}') RETURNS int AS 'DROP TABLE users'; SELECT f()`,
      'drops the table users',
    ],
    ['CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM users; END; SELECT f()', 'every row of users'],
    ["DO $$ DECLARE q text := 'DROP TABLE users'; BEGIN EXECUTE q USING 'x'; END $$", 'drops the table users'],
    ["DO $$ BEGIN EXECUTE concat('DROP ', 'TABLE users'); END $$", 'is not read'],
    ["DO $$ BEGIN EXECUTE format('%s TABLE users', 'DROP'); END $$", 'is not read'],
    ["DO $$ BEGIN EXECUTE format('ALTER TABLE users %s', 'DROP COLUMN a'); END $$", 'is not read'],
    // Rows, wherever in a statement they go, and conditions that are none.
    [
      'WITH gone AS (DELETE FROM users RETURNING *) INSERT INTO old SELECT * FROM gone WHERE true',
      'every row of users',
    ],
    ['WITH a AS (DELETE FROM x WHERE id = 1), b AS (DELETE FROM users) SELECT 1', 'deletes every row of users'],
    ['UPDATE users SET n = (SELECT n FROM old WHERE old.id = users.id)', 'rewrites every row of users'],
    ['DELETE FROM users WHERE true', 'deletes every row of users'],
    ['DELETE FROM users WHERE 1=1 RETURNING id', 'deletes every row of users'],
    ['DELETE FROM users WHERE ((true))', 'deletes every row of users'],
    ['DELETE FROM users WHERE NOT false', 'deletes every row of users'],
    ["UPDATE users SET a = 1 WHERE 'x' = 'x'", 'rewrites every row of users'],
    ['UPDATE OR REPLACE users SET a = 1', 'rewrites every row of users'],
    ['EXPLAIN ANALYZE DELETE FROM users', 'deletes every row of users'],
    ['PREPARE p AS UPDATE users SET a = 1', 'rewrites every row of users'],
    [
      `WITH ${'a AS (DELETE FROM x WHERE id = 1), '.repeat(60)}b AS (SELECT 1) SELECT 1`,
      'in 60 places of one statement',
    ],
    ['TRUNCATE a, users CASCADE', 'empties users'],
    // Other ways to lose, to rename and to move.
    ['DROP VIEW v CASCADE', 'drops a view with all that depends on it'],
    ['DROP FUNCTION f(int) CASCADE', 'drops a function with all that depends on it'],
    ['ALTER TABLE users DROP CONSTRAINT users_key CASCADE', 'drops a constraint of users with all that depends'],
    ['ALTER TABLE users * DROP COLUMN name', 'drops the column users.name'],
    ['ALTER TABLE users SET SCHEMA old', 'moves users to another schema'],
    ['ALTER SCHEMA app RENAME TO old', 'renames a schema'],
    ['ALTER VIEW v RENAME TO w', 'renames a view'],
    ['ALTER MATERIALIZED VIEW v RENAME TO w', 'renames a view'],
    ['ALTER FUNCTION f() SET SCHEMA old', 'moves a function to another schema'],
    ['ALTER TYPE pair DROP ATTRIBUTE a', 'drops the column pair.a'],
    ['ALTER TYPE pair ALTER ATTRIBUTE a TYPE smallint', 'changes the type of pair.a'],
    ['ALTER TABLE users ALTER COLUMN n SET EXPRESSION AS (a + 1)', 'computes users.n anew'],
    ['ALTER TABLE events DETACH PARTITION events_2020', 'takes the rows of events_2020 out of events'],
    // What is said in one place and runs in another.
    ["DO $$ DECLARE s text := 'DROP TABLE users'; BEGIN EXECUTE s; END $$", 'drops the table users'],
    ["DO $$ BEGIN EXECUTE 'ALTER TABLE ' || t || ' DROP COLUMN n'; END $$", 'drops the column ?.n'],
    ["DO $$ BEGIN EXECUTE 'DR' || 'OP TABLE users'; END $$", 'drops the table users'],
    ["DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP COLUMN n', t); END $$", 'drops the column ?.n'],
    ["DO $$ BEGIN FOR r IN EXECUTE 'DELETE FROM users RETURNING id' LOOP END LOOP; END $$", 'every row of users'],
    ['DO $$ BEGIN EXECUTE chr(68) || x; END $$', 'put together as it runs'],
    ["DO 'BEGIN DROP '\n'TABLE users; END'", 'drops the table users'],
    [
      'CREATE FUNCTION f() RETURNS void AS $$ BEGIN TRUNCATE users; END $$ LANGUAGE plpgsql; SELECT f();',
      'empties users',
    ],
    ['CREATE PROCEDURE public."P"() LANGUAGE sql AS $$ DELETE FROM users $$; CALL public."P"()', 'every row of users'],
    ['DO LANGUAGE plpython3u $$ x $$', 'code in plpython3u'],
    ["CREATE FUNCTION f() RETURNS int AS 'x.so' LANGUAGE C", 'code in c'],
    // Several on a line, comments in the middle, and quotes that only one database has.
    ['SELECT 1; DROP TABLE a; DROP/* x */TABLE -- y\n users', 'drops the table users'],
    ['-- x\rDROP TABLE users', 'drops the table users'],
    ['SELECT 1 ` 2; DROP TABLE users; SELECT 1 ` 2', 'drops the table users'],
    ['CREATE TABLE "public.users" (id int); DROP TABLE public.users', 'drops the table public.users'],
    ['CREATE TEMP TABLE users (id int) ON COMMIT DROP; COMMIT; DROP TABLE users', 'drops the table users'],
    ['CREATE TEMP TABLE users (id int); DISCARD ALL; DROP TABLE users', 'drops the table users'],
    ['SET standard_conforming_strings = off', 'read in another way'],
    // What only a client runs, and what reaches out of the database.
    ['\\i other.sql\nSELECT 1', 'only a client of the database runs'],
    ["\\echo don't\nDROP TABLE users", 'drops the table users'],
    ["SELECT 'DROP TABLE users' \\gexec\nTRUNCATE a", 'empties a'],
    ["SELECT 'DROP TABLE users' \\gexec", 'only a client of the database runs'],
    ["\\copy users from 'x.csv'", 'only a client of the database runs'],
    ['.read other.sql\nDROP TABLE users', 'drops the table users'],
    ["COPY users FROM PROGRAM 'curl x'", 'starts a program on the server'],
    ["COPY (SELECT 1) TO PROGRAM 'sh'", 'starts a program on the server'],
    ["COPY users TO '/tmp/x'", 'a file on the server'],
    ['ALTER SYSTEM SET fsync = off', 'settings of the whole server'],
    ["SELECT lo_export(1, '/tmp/x')", 'calls lo_export'],
    ["LOAD 'x'", 'loads code'],
  ])('%s', (sql, words) => expect(destroyed(sql).join('\n')).toContain(words));

  it.each([
    ["ATTACH DATABASE 'x.db' AS x", 'opens another database'],
    ["VACUUM INTO 'x.db'", 'writes a copy of the database'],
    ["SELECT load_extension('x')", 'calls load_extension'],
    ['PRAGMA writable_schema = ON', 'description of the tables'],
    ['/* /* */ DROP TABLE users; -- */', 'drops the table users'],
    ['SELECT $a$; DROP TABLE users; SELECT $a$', 'drops the table users'],
    ["SELECT 1 AS [it's]; DROP TABLE users; SELECT 'x'", 'drops the table users'],
  ])('in SQLite: %s', (sql, words) => {
    const said = (database: 'sqlite' | null): string =>
      lintSql(sql, database)
        .map(({ message }) => message)
        .join('\n');
    expect(said('sqlite')).toContain(words);
    // Nor where nothing says which database it is.
    expect(said(null)).toContain(words);
  });

  it.each([
    'CREATE TABLE users (id int)',
    'ALTER TABLE users ADD COLUMN name text',
    'ALTER TABLE users DROP CONSTRAINT users_key',
    'ALTER TABLE users ALTER COLUMN name DROP NOT NULL',
    'ALTER TABLE users ALTER COLUMN name DROP DEFAULT',
    'DELETE FROM users WHERE id = 1',
    'UPDATE users SET a = 1 WHERE id = 1',
    "COMMENT ON TABLE users IS 'DROP TABLE users'",
    '-- DROP TABLE users',
    'INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET b = 1',
    'CREATE TABLE tmp (id int); DROP TABLE tmp',
    'CREATE TRIGGER t BEFORE DELETE ON a EXECUTE FUNCTION f()',
    'DROP VIEW v',
    'GRANT DELETE ON a TO b',
    "DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "DO $$ BEGIN RAISE NOTICE 'DROP TABLE users'; END $$",
    'DO $$ BEGIN UPDATE users SET a = CASE WHEN b THEN 1 ELSE 2 END WHERE id = 1; END $$',
    'DO $$ BEGIN CREATE TABLE tmp (id int); DROP TABLE tmp; END $$',
    'CREATE TABLE tmp (id int); TRUNCATE tmp; DELETE FROM tmp; UPDATE tmp SET id = 1',
    'UPDATE users SET n = (SELECT max(n) FROM old) WHERE users.id = 1',
    'DELETE FROM users WHERE id = 1 OR true_name IS NULL',
    'SELECT * FROM users FOR UPDATE',
    'MERGE INTO users u USING new n ON n.id = u.id WHEN MATCHED THEN UPDATE SET a = n.a WHEN NOT MATCHED THEN DO NOTHING',
    'ALTER INDEX i RENAME TO j',
    'GRANT UPDATE (name) ON users TO app',
    'GRANT EXECUTE ON FUNCTION f() TO app',
    'CREATE FUNCTION f() RETURNS void AS $$ BEGIN TRUNCATE users; END $$ LANGUAGE plpgsql',
    "DO $$ BEGIN EXECUTE format('GRANT SELECT ON %I TO app', t); END $$",
    "DO $$ BEGIN EXECUTE 'DELETE FROM ' || t || ' WHERE id = 1'; END $$",
    "DO $$ BEGIN EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', s, t); END $$",
    "DO $$ BEGIN EXECUTE 'ALTER TABLE ' || quote_ident(t) || ' ADD COLUMN b int'; EXECUTE 'SELECT 1' INTO n; END $$",
    "DO $$ BEGIN EXECUTE 'UPDATE x SET a = $1 WHERE id = $2' USING 'DROP', 2; END $$",
    '\\set ON_ERROR_STOP on\n\\echo DROP TABLE users',
    'COPY users (name) FROM STDIN',
    'SET standard_conforming_strings = on',
  ])('not: %s', (sql) => expect(destroyed(sql)).toEqual([]));
});

describe('statements that lock', () => {
  it.each([
    ['CREATE INDEX i ON users (name)', 'builds an index on users'],
    ['CREATE UNIQUE INDEX IF NOT EXISTS i ON users (name)', 'builds an index on users'],
    ['DROP INDEX i', 'drops the index i'],
    ['REINDEX TABLE users', 'REINDEX CONCURRENTLY'],
    ['ALTER TABLE users ADD COLUMN n int NOT NULL', 'NOT NULL without a default'],
    ['ALTER TABLE users ADD n uuid DEFAULT gen_random_uuid()', 'made for each row'],
    ['ALTER TABLE users ADD COLUMN n bigserial', 'made for each row'],
    ['ALTER TABLE users ADD COLUMN n int GENERATED ALWAYS AS (a + 1) STORED', 'made for each row'],
    ['ALTER TABLE users ADD COLUMN n int REFERENCES other (id)', 'checked at once'],
    ['ALTER TABLE users ADD CONSTRAINT c CHECK (n > 0)', 'NOT VALID first'],
    ['ALTER TABLE users ADD FOREIGN KEY (a) REFERENCES b (id)', 'NOT VALID first'],
    ['ALTER TABLE users ADD CONSTRAINT c UNIQUE (n)', 'CONCURRENTLY, then USING INDEX'],
    ['ALTER TABLE users ADD PRIMARY KEY (id)', 'CONCURRENTLY, then USING INDEX'],
    ['ALTER TABLE users ALTER COLUMN n SET NOT NULL', 'every row is read'],
    ['ALTER TABLE users ALTER COLUMN n TYPE bigint', 'rewritten'],
    ['ALTER TABLE users SET UNLOGGED', 'SET UNLOGGED'],
    ['VACUUM FULL users', 'VACUUM FULL'],
    ['CLUSTER users', 'CLUSTER'],
    ['LOCK TABLE users', 'lock by name'],
    ['REFRESH MATERIALIZED VIEW v', 'CONCURRENTLY'],
    ['ALTER TABLE users ADD CONSTRAINT c CHECK (NOT (valid))', 'NOT VALID first'],
    ['ALTER TABLE users ADD CHECK (NOT valid)', 'NOT VALID first'],
    ['ALTER TABLE users ADD CONSTRAINT c EXCLUDE USING gist (index WITH =)', 'builds an index'],
    ['ALTER TABLE users ADD CONSTRAINT c NOT NULL n', 'NOT VALID first'],
    ['ALTER TABLE users ADD COLUMN n int CHECK (n > 0)', 'checked at once'],
    ['ALTER TABLE users SET ACCESS METHOD heap2', 'SET ACCESS'],
    ['ALTER TABLE events DETACH PARTITION e', 'DETACH PARTITION CONCURRENTLY'],
    ['ALTER TABLE events ATTACH PARTITION e DEFAULT', 'makes e a partition'],
    ['ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)', 'column of the domain d'],
    [
      'ALTER TABLE users ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c',
      'in the transaction that adds it',
    ],
    ['DO $$ BEGIN CREATE INDEX i ON users (name); END $$', 'builds an index on users'],
  ])('%s', (sql, words) => expect(locked(sql).join('\n')).toContain(words));

  it.each([
    'CREATE INDEX CONCURRENTLY i ON users (name)',
    'DROP INDEX CONCURRENTLY i',
    'CREATE TABLE users (id int NOT NULL); CREATE INDEX i ON users (id); ALTER TABLE users ADD CHECK (id > 0)',
    'ALTER TABLE users ADD COLUMN n int NOT NULL DEFAULT 0',
    'ALTER TABLE users ADD COLUMN n timestamptz DEFAULT now()',
    "ALTER TABLE users ADD COLUMN n timestamptz DEFAULT timezone('utc'::text, now()) NOT NULL",
    "ALTER TABLE users ADD COLUMN n varchar DEFAULT 'a'::character varying(20) NOT NULL",
    'ALTER TABLE "User" ADD COLUMN "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)',
    'ALTER TABLE users ADD CONSTRAINT c CHECK (n > 0) NOT VALID',
    'ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX i',
    'ALTER TABLE users VALIDATE CONSTRAINT c',
    'ALTER TABLE a ADD CONSTRAINT c CHECK (n > 0) NOT VALID; COMMIT; ALTER TABLE a VALIDATE CONSTRAINT c',
    'ALTER TABLE events DETACH PARTITION e CONCURRENTLY',
    'ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID',
    'ALTER TABLE users ADD COLUMN n int DEFAULT NULL',
    'VACUUM users',
  ])('not: %s', (sql) => expect(locked(sql)).toEqual([]));

  it('are read in a moment, whatever opens and never closes', () => {
    const openings = [
      '(DELETE FROM a ',
      'UPDATE (',
      "EXECUTE 'x'||",
      '[',
      '$a$',
      '\\',
      'DO $$ BEGIN EXECUTE x; ',
      "DO 'a' ",
    ];
    for (const opening of openings) {
      const text = opening.repeat(4_000);
      for (const begin of ['', 'SELECT ', 'DO $x$ ']) expect(lintSql(`${begin}${text}`, null)).toBeDefined();
    }
  });

  it('are not looked for where the database is SQLite', () => {
    expect(
      lintSql('CREATE INDEX i ON users (name); DROP TABLE a', 'sqlite').map(({ line, lost }) => [line, lost]),
    ).toEqual([[1, 'the table a']]);
  });
});

describe('migrations that are code', () => {
  it.each([
    ['knex', "return knex.schema.dropTable('users');", 'drops a table'],
    ['rails', 'remove_column :users, :name, :string', 'drops a column'],
    ['django', "migrations.RemoveField(model_name='user', name='a'),", 'drops a column'],
    ['alembic', "op.alter_column('a', 'b', type_=sa.Integer())", 'changes a column'],
    ['typeorm', 'await queryRunner.query(`ALTER TABLE "a" DROP COLUMN "b"`);', 'drops the column a.b'],
    ['small letters', "op.execute('drop table users')", 'drops the table users'],
    ['a block', 'await db.query("DO $$ BEGIN TRUNCATE users; END $$")', 'empties users'],
    ['a string over lines', 'op.execute("""\nDELETE FROM a\n""")', 'deletes every row of a'],
  ])('%s', (_, code, words) =>
    expect(
      lintCode(code, null)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(words),
  );

  it.each([
    "knex.schema.createTable('a', t => t.string('b'))",
    '// dropTable later',
    "message('UPDATED the rows')",
    "message('drop in here')",
    "message('update the rows')",
  ])('not: %s', (code) => expect(lintCode(code, null)).toEqual([]));
});
