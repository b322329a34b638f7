/**
 * `<time>_<name>.sql` with `-- migrate:up` and `-- migrate:down`, each perhaps with `transaction:false`.
 * Source: https://github.com/amacneil/dbmate#creating-migrations and #migration-options.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { downStep, sectionOf, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const UP = /^--\s*migrate:up\b/;
const DOWN = /^--\s*migrate:down\b/;

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const up = sectionOf(text, UP, DOWN);
  const version = /^\d+/.exec(nameOf(path))?.[0];
  if (up === null || version === undefined) return [];
  const down = sectionOf(text, DOWN, UP);
  const alone = (side: string): boolean => new RegExp(`^--\\s*migrate:${side}\\b.*transaction:false`, 'm').test(text);
  return [
    {
      tool: 'dbmate',
      series: directoryOf(path),
      id: version,
      order: version,
      path,
      up: sqlStep(path, up.text, { line: up.line, transaction: !alone('up') }),
      down: down === null ? null : downStep(sqlStep(path, down.text, { line: down.line, transaction: !alone('down') })),
    },
  ];
}

export const dbmate: MigrationTool = {
  id: 'dbmate',
  mayBe: (path) => /(?:^|\/)\d+[^/]*\.sql$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['schema_migrations'],
  undo: (migrations) => migrations.map(() => 'dbmate rollback').join(' && '),
};
