/**
 * A class that implements `MigrationInterface`; the order is the time at the end of its name, which the file begins with.
 * Source: https://typeorm.io/docs/migrations/why/ and https://typeorm.io/docs/migrations/creating/.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { scriptMigration } from '../code.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  if (!/\bMigrationInterface\b|\bqueryRunner\b/.test(text)) return [];
  const id = /\bclass\s+([A-Za-z_$][\w$]*)/.exec(text)?.[1];
  if (id === undefined) return [];
  const order = /\d{10,}$/.exec(id)?.[0] ?? /^\d+/.exec(nameOf(path))?.[0] ?? id;
  return scriptMigration({ tool: 'typeorm', series: directoryOf(path), id, order, path }, text);
}

export const typeorm: MigrationTool = {
  id: 'typeorm',
  mayBe: (path) => /migrations?\/(?:[^/]+\/)*[^/]+\.[cm]?[jt]s$/i.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['migrations', 'typeorm_metadata'],
  undo: (migrations) => migrations.map(() => 'npx typeorm migration:revert -d DATA_SOURCE').join(' && '),
  proposal: {
    up: 'npx typeorm migration:run -d DATA_SOURCE',
    down: 'for i in $(seq "$MIGRATION_COUNT"); do npx typeorm migration:revert -d DATA_SOURCE; done',
  },
};
