/** Files that tools run although nobody would name them so, and files that are written to be long to read. */
import { describe, expect, it } from 'vitest';
import { looksLikeMigration, mayBeMigration, recognise } from './registry.ts';
import type { FoundMigration } from './migration.ts';

function found(tree: Readonly<Record<string, string>>): readonly FoundMigration[] {
  const files = Object.entries(tree).flatMap(([path, text]) => (mayBeMigration(path) ? [{ path, text }] : []));
  return [...recognise(files).values()].flat();
}

const shown = (tree: Readonly<Record<string, string>>): readonly string[] =>
  found(tree).map(({ tool, id, down }) => `${tool} ${id}${down === null ? '' : ' and back'}`);

const RUBY = 'class A < ActiveRecord::Migration[7.1]\n  def change\n    add_column :a, :b, :text\n  end\nend\n';
const DJANGO = 'class Migration(migrations.Migration):\n    operations = []\n';

describe('a migration under an unusual name', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['Rails: of an engine', { 'db/migrate/20240101_create_a.active_storage.rb': RUBY }, ['rails 20240101 and back']],
    ['Rails: in a directory', { 'db/migrate/old/20240101_create_a.rb': RUBY }, ['rails 20240101 and back']],
    [
      'Rails: a base class of its own',
      { 'db/migrate/1_a.rb': RUBY.replace('ActiveRecord::Migration[7.1]', 'Shop::SafeMigration') },
      ['rails 1 and back'],
    ],
    ['Prisma: no number', { 'prisma/migrations/last/migration.sql': 'DROP TABLE a' }, ['prisma last']],
    ['Django: no number', { 'shop/migrations/last.py': DJANGO }, ['django last and back']],
    ['Django: an app of vendors', { 'vendor/migrations/0001_a.py': DJANGO }, ['django 0001_a and back']],
    ['what is installed', { 'vendor/acme/shop/db/migrate/1_a.rb': RUBY }, []],
    [
      'Flyway: a callback',
      { 'sql/V1__a.sql': 'CREATE TABLE a (id int)', 'sql/afterMigrate.sql': 'DROP TABLE a' },
      ['flyway 1', 'flyway afterMigrate.sql'],
    ],
    ['what is called like a callback', { 'sql/afterMigrate.sql': 'DROP TABLE a' }, []],
    [
      'Drizzle: the journal in another order',
      { 'd/meta/_journal.json': '{"entries":[{"tag":"0000_a","idx":0}]}', 'd/0000_a.sql': 'DROP TABLE a' },
      ['drizzle 0000_a'],
    ],
    [
      'Knex: a name in quotes',
      { 'migrations/1_a.js': "exports['up'] = (knex) => knex.raw('x');\nexports['down'] = (knex) => knex.raw('y');\n" },
      ['knex 1_a.js and back'],
    ],
    [
      'Knex: another name inside',
      { 'migrations/1_a.js': "const a = (knex) => knex.raw('x');\nexport { a as up };\n" },
      ['knex 1_a.js'],
    ],
  ])('%s', (_, tree, expected) => expect(shown(tree)).toEqual(expected));
});

describe('a change of Rails that goes back by itself', () => {
  it.each<[string, boolean]>([
    ['change_column_null :a, :b, false', true],
    ['change_column_default :a, :b, from: 1, to: 2', true],
    ['change_table_comment :a, from: "x", to: "y"', true],
    ['change_column_default :a, :b, 2', false],
    ['change_table_comment :a, "y"', false],
    ['change_column :a, :b, :text', false],
    ['execute "x"', false],
  ])('%s: %s', (line, back) => {
    const text = RUBY.replace('add_column :a, :b, :text', line);
    expect(found({ 'db/migrate/1_a.rb': text }).map(({ down }) => down !== null)).toEqual([back]);
  });
});

describe('a file that is long to read', () => {
  // Each took minutes to years: whoever reads it waits for the end of the test.
  it.each<[string, string, string]>([
    [
      'a line of comment marks in a `down` of Rails',
      'db/migrate/1_a.rb',
      `class A < ActiveRecord::Migration[7.1]\n  def up\n  end\n\n  def down\n    ${'#'.repeat(60)}\n    drop_table :a\n  end\nend\n`,
    ],
    [
      'empty lines in a `change` of Rails',
      'db/migrate/1_a.rb',
      RUBY.replace('    add', `${'\n'.repeat(400_000)}    add`),
    ],
    ['empty lines in a change log', 'db/changelog.yaml', '\n'.repeat(400_000)],
    ['a broken journal', 'd/meta/_journal.json', '"idx":1'.repeat(200_000)],
  ])('%s', (_, path, text) => expect(found({ [path]: text }).length).toBeLessThan(2));
});

describe('a file that nobody can read', () => {
  it.each<[string, boolean]>([
    ['db/migrate/1_a.rb', true],
    ['drizzle/fast_fox.sql', true],
    ['src/main/resources/db/changelog/all.xml', true],
    ['liquibase/a.sql', true],
    ['CHANGELOG.json', false],
    ['reports/all.sql', false],
  ])('looks like a migration: %s (%s)', (path, does) => expect(looksLikeMigration(path)).toBe(does));
});
