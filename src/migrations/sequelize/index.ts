/**
 * `migrations/<time>-<name>.js` whose `up` and `down` get a `queryInterface`; the name of the file is the order.
 * Source: https://sequelize.org/docs/v6/other-topics/migrations/#migration-skeleton.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { scriptMigration } from '../code.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  if (!/\bqueryInterface\b/.test(text)) return [];
  const id = nameOf(path);
  return scriptMigration({ tool: 'sequelize', series: directoryOf(path), id, order: id, path }, text);
}

export const sequelize: MigrationTool = {
  id: 'sequelize',
  mayBe: (path) => /(?:^|\/)migrations?\/(?:[^/]+\/)*[^/]+\.[cm]?[jt]s$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['SequelizeMeta'],
  undo: (migrations) =>
    migrations
      .toReversed()
      .map(({ id }) => `npx sequelize-cli db:migrate:undo --name ${shellWord(id)}`)
      .join(' && '),
  proposal: {
    up: 'npx sequelize-cli db:migrate --url "$DATABASE_URL"',
    down: 'for i in $(seq "$MIGRATION_COUNT"); do npx sequelize-cli db:migrate:undo --url "$DATABASE_URL"; done',
  },
};
