import { describe, expect, it } from 'vitest';
import { changedFile, contentOf } from '../../test/fixtures/content.ts';
import { createMigrationReader } from './reader.ts';

const UP = 'CREATE TABLE a (id bigserial);';
const AROUND = { 'db/migrate/keep.txt': '', 'migrations/2_b.up.sql': UP, 'migrations/2_b.down.sql': 'DROP TABLE a;' };

async function seen(
  path: string,
  before: string | null,
  after: string | null,
  around: Readonly<Record<string, string>> = AROUND,
): Promise<readonly string[]> {
  const sightings = await createMigrationReader(null)(contentOf([changedFile(path, before, after)], around));
  return sightings.map(({ detector, line, message, side }) => `${detector} ${side} ${String(line)}: ${message}`);
}

describe('migrations in a change', () => {
  it('marks each one, says that it has no way back, and what it destroys and locks, with the line', async () => {
    const lines = await seen(
      'migrations/3_c.up.sql',
      null,
      '-- c\nALTER TABLE a DROP COLUMN id;\nCREATE INDEX i ON a (id);\n',
    );
    expect(lines).toEqual([
      'migration-untried added null: is a migration (golang-migrate)',
      'migration-destructive added 2: drops the column a.id with what it holds',
      'migration-locks added 3: builds an index on a while writes wait: CREATE INDEX CONCURRENTLY, outside a transaction',
      'migration-irreversible added null: has no way back',
    ]);
  });

  it('counts lines of a section from the top of its file', async () => {
    const text = '-- +goose Up\n\nDROP TABLE a;\n-- +goose Down\nCREATE TABLE a (id int);\n';
    expect((await seen('migrations/3.sql', null, text, {}))[1]).toContain('migration-destructive added 3:');
  });

  it('says nothing of locks where the configuration names SQLite', async () => {
    const around = { 'prisma/migrations/migration_lock.toml': 'provider = "sqlite"\n' };
    const text = 'CREATE INDEX i ON a (id);\n';
    const lines = await seen('prisma/migrations/20240101_a/migration.sql', null, text, around);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['migration-untried', 'migration-irreversible']);
  });

  it('believes the policy about the database before anything else', async () => {
    const content = contentOf([changedFile('migrations/3_c.up.sql', null, 'CREATE INDEX i ON a (id);')], AROUND);
    const seen = await createMigrationReader(null, 'sqlite')(content);
    expect(seen.filter(({ detector }) => detector === 'migration-locks')).toEqual([]);
  });

  it('reads none of more than a person would, and says so where nothing is tried too', async () => {
    const files = Array.from({ length: 201 }, (_, index) =>
      changedFile(`migrations/${index + 1}_a.up.sql`, null, 'DROP TABLE a;'),
    );
    const lines = (await createMigrationReader(null)(contentOf(files))).map(
      ({ detector, path, message }) => `${detector} ${path}: ${message}`,
    );
    const words = 'migrations/1_a.up.sql: the change has 201 migrations; 200 are read and tried: split it';
    expect(lines).toEqual([`migration-untried ${words}`, `migration-destructive ${words}`]);
    expect(await createMigrationReader(null)(contentOf(files.slice(0, 200)))).toContainEqual(
      expect.objectContaining({ detector: 'migration-destructive', message: 'drops the table a with all it holds' }),
    );
  });

  it.each([
    ['edited', 'migrations/2_b.up.sql', UP, `${UP} SELECT 1;`, 'added null: edits the migration 2'],
    ['removed', 'migrations/2_b.up.sql', UP, null, 'removed null: is the migration 2 of the base, and is gone'],
    ['put before', 'migrations/1_a.up.sql', null, UP, 'orders the new migration 1 before 2'],
    ['given a number twice', 'migrations/02_c.up.sql', null, UP, 'orders the new migration 02 before 2'],
  ])('finds history that is %s', async (_, path, before, after, words) => {
    const lines = await seen(path, before, after, after === null ? {} : AROUND);
    expect(lines.filter((line) => line.startsWith('migration-history'))).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    ['a new one behind the others', 'migrations/10_c.up.sql', null, UP],
    ['an edit of the way back', 'migrations/2_b.down.sql', 'DROP TABLE a;', 'DROP TABLE IF EXISTS a;'],
    ['a view that is run again whenever it changes', 'db/R__view.sql', 'SELECT 1;', 'SELECT 2;'],
  ])('takes %s for no change of history', async (_, path, before, after) => {
    expect((await seen(path, before, after)).filter((line) => line.startsWith('migration-history'))).toEqual([]);
  });

  it('finds the edit of one that nobody can read on either side, and no other', async () => {
    const path = 'migrations/2_b.up.sql';
    const change = contentOf([changedFile(path, UP, `${UP} SELECT 1;`)], { 'migrations/1_a.up.sql': UP });
    const unread = { readAll: () => Promise.resolve(new Map()) };
    const { base, head } = change;
    const seen = await createMigrationReader(null)({
      ...change,
      base: { ...base, ...unread },
      head: { ...head, ...unread },
    });
    expect(seen.map((one) => `${one.detector} ${one.path}: ${one.message}`)).toEqual([
      `migration-history ${path}: edits a migration of the base that is too large to be read, or no regular file`,
    ]);
  });

  it('knows two heads of Alembic by their revisions, and one that follows the head', async () => {
    const revision = (id: string, after: string): string =>
      `revision = '${id}'\ndown_revision = ${after}\n\ndef upgrade():\n    x()\n\n\ndef downgrade():\n    y()\n`;
    const around = { 'versions/b.py': revision('b', "'a'"), 'versions/z.py': revision('a', 'None') };
    const history = async (after: string): Promise<readonly string[]> =>
      (await seen('versions/c.py', null, revision('c', after), around)).filter((line) => line.includes('history'));
    expect(await history("'b'")).toEqual([]);
    expect(await history("'a'")).toEqual([expect.stringContaining('orders the new migration c before b')]);
  });

  it('looks at nothing where no changed file may be one', async () => {
    expect(await seen('src/a.ts', null, 'export const a = 1;')).toEqual([]);
  });

  it('says that it read nothing where there is more than it reads', async () => {
    const around = Object.fromEntries(
      Array.from({ length: 10_001 }, (_, index) => [`migrations/${index}_a.up.sql`, '']),
    );
    expect(await seen('migrations/x.up.sql', null, UP, around)).toEqual([
      expect.stringContaining('migration-untried added null: may be a migration, and was not read: 10'),
    ]);
  });
});
