/**
 * `migrations/<time>_<name>.js` whose `up` and `down` get `knex`; the name of the file is the order. It has to be the last of
 * the tools in JavaScript: the others say more of themselves.
 * Source: https://knexjs.org/guide/migrations.html#migration-cli.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { scriptMigration } from '../code.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  if (!/\bknex\b|\.schema\s*\.\s*\w+Table\b/i.test(text)) return [];
  const id = nameOf(path);
  return scriptMigration({ tool: 'knex', series: directoryOf(path), id, order: id, path }, text);
}

export const knex: MigrationTool = {
  id: 'knex',
  mayBe: (path) => /(?:^|\/)migrations?\/(?:[^/]+\/)*[^/]+\.[cm]?[jt]s$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['knex_migrations', 'knex_migrations_lock'],
  undo: (migrations) =>
    migrations
      .toReversed()
      .map(({ id }) => `npx knex migrate:down ${shellWord(id)}`)
      .join(' && '),
  // `rollback` takes a whole batch back, and on an empty database the first batch is everything.
  proposal: {
    up: 'npx knex migrate:latest',
    down: 'for i in $(seq "$MIGRATION_COUNT"); do npx knex migrate:down; done',
  },
};
