/** What of a migration is not about the schema of its one database. */
import { describe, expect, it } from 'vitest';
import { hiddenIn, movesRowsAlone, reachOf, rolesNamed } from './beyond.ts';
import { sqlStep } from './migration.ts';
import { readStatements } from './sql.ts';

const step = (sql: string): ReturnType<typeof sqlStep> => sqlStep('db/1.sql', sql);

describe('roles that migrations name', () => {
  it.each<[string, readonly string[]]>([
    ['GRANT SELECT ON a TO app, "Other" WITH GRANT OPTION', ['app', 'Other']],
    ['REVOKE ALL ON a FROM app CASCADE', ['app']],
    ['GRANT writers TO app', ['app']],
    ['ALTER TABLE a OWNER TO app', ['app']],
    ['CREATE SCHEMA s AUTHORIZATION app', ['app']],
    ['CREATE POLICY p ON a TO app USING (true)', ['app']],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO reader', ['app', 'reader']],
    ['SET ROLE app', ['app']],
    ['DO $$ BEGIN CREATE ROLE app; GRANT SELECT ON a TO app; END $$', ['app']],
    ['GRANT SELECT ON a TO PUBLIC, CURRENT_USER, pg_monitor, migrator', []],
    ['SELECT a FROM b; INSERT INTO c SELECT 1 FROM d', []],
    // Membership of the one who set the server up would be all rights.
    ['GRANT SELECT ON a TO loopwright_superuser; GRANT "loopwright_superuser" TO app', ['app']],
    // They are made by a superuser: a name is a name, or nothing.
    ['GRANT SELECT ON a TO "x; ALTER ROLE migrator SUPERUSER"', []],
    ['GRANT SELECT ON a TO "x\nALTER ROLE migrator SUPERUSER;\n"', []],
    ['GRANT SELECT ON a TO "x"" SUPERUSER"', []],
  ])('%j: %j', (sql, roles) => expect(rolesNamed([step(sql)])).toEqual(roles));

  it('are bounded', () => {
    const many = Array.from({ length: 80 }, (_, index) => `GRANT SELECT ON a TO r${index};`).join('\n');
    expect(rolesNamed([step(many)])).toHaveLength(50);
  });
});

describe('statements that reach beyond the database', () => {
  it.each([
    ["ALTER SYSTEM SET fsync = 'off'", 'ALTER SYSTEM'],
    ['ALTER DATABASE other SET search_path = x', 'ALTER DATABASE'],
    ['CREATE USER app', 'CREATE USER'],
    ['GRANT app TO other', 'GRANT of a role'],
    ['REASSIGN OWNED BY a TO b', 'REASSIGN OWNED'],
    ['DO $$ BEGIN ALTER ROLE app SET a = 1; END $$', 'ALTER ROLE'],
    ['CREATE EXTENSION IF NOT EXISTS vector', 'CREATE EXTENSION'],
    ['GRANT SELECT ON a TO app', null],
    ['CREATE USER MAPPING FOR app SERVER s', null],
    ['CREATE TABLE role (id int)', null],
    ['ALTER TABLE a ADD COLUMN role text', null],
  ])('%s: %s', (sql, words) => {
    const [statement] = readStatements(sql, 'postgresql');
    expect(statement === undefined ? null : reachOf(statement, 'postgresql')).toBe(words);
  });
});

describe('what no schema shows', () => {
  it.each([
    ["SELECT 1;\nALTER ROLE app PASSWORD 'x'", 'ALTER ROLE ... PASSWORD (db/1.sql:2)'],
    ["ATTACH 'x' AS y", 'ATTACH (db/1.sql:1)'],
    ['ALTER ROLE app SET a = 1', null],
  ])('%j: %s', (sql, words) => expect(hiddenIn(step(sql), 'postgresql')).toBe(words));

  it.each([
    ["INSERT INTO a VALUES (1); UPDATE a SET b = 'CREATE TABLE' WHERE c", true],
    ['BEGIN; WITH x AS (SELECT 1) DELETE FROM a; COMMIT', true],
    ['INSERT INTO a VALUES (1); ALTER TABLE a ADD b int', false],
    ['DO $$ BEGIN NULL; END $$', false],
    ['-- nothing', false],
  ])('%s moves rows alone: %s', (sql, is) => expect(movesRowsAlone(step(sql), 'postgresql')).toBe(is));
});
