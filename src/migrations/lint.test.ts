import { describe, expect, it } from 'vitest';
import { lintCode } from './code-lint.ts';
import { lintSql } from './lint.ts';

const destroyed = (sql: string): readonly string[] =>
  lintSql(sql, 'postgresql').flatMap(({ detector, message }) =>
    detector === 'migration-destructive' ? [message] : [],
  );
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
  ])('%s', (sql, words) => expect(destroyed(sql).join('\n')).toContain(words));

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
  ])('%s', (sql, words) => expect(locked(sql).join('\n')).toContain(words));

  it.each([
    'CREATE INDEX CONCURRENTLY i ON users (name)',
    'DROP INDEX CONCURRENTLY i',
    'CREATE TABLE users (id int NOT NULL); CREATE INDEX i ON users (id); ALTER TABLE users ADD CHECK (id > 0)',
    'ALTER TABLE users ADD COLUMN n int NOT NULL DEFAULT 0',
    'ALTER TABLE users ADD COLUMN n timestamptz DEFAULT now()',
    'ALTER TABLE users ADD CONSTRAINT c CHECK (n > 0) NOT VALID',
    'ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX i',
    'ALTER TABLE users VALIDATE CONSTRAINT c',
    'VACUUM users',
  ])('not: %s', (sql) => expect(locked(sql)).toEqual([]));

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
    ['a string over lines', 'op.execute("""\nDELETE FROM a\n""")', 'deletes every row of a'],
  ])('%s', (_, code, words) =>
    expect(
      lintCode(code, null)
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(words),
  );

  it.each(["knex.schema.createTable('a', t => t.string('b'))", '// dropTable later', "message('UPDATED the rows')"])(
    'not: %s',
    (code) => expect(lintCode(code, null)).toEqual([]),
  );
});
