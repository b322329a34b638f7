/**
 * `<version>_<name>.sql` with `-- +goose Up`, `-- +goose Down` and, for what cannot be in a transaction, `-- +goose NO
 * TRANSACTION`; each on a line of its own without a space before it. Migrations in Go are not read.
 * Source: https://pressly.github.io/goose/documentation/annotations/.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { downStep, sectionOf, shellWord, sqlStep, targetOf } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const UP = /^--\s*\+goose\s+up\b/i;
const DOWN = /^--\s*\+goose\s+down\b/i;

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const up = sectionOf(text, UP, DOWN);
  const version = /^\d+/.exec(nameOf(path))?.[0];
  if (up === null || version === undefined) return [];
  const transaction = !/^--\s*\+goose\s+no\s+transaction\b/im.test(text);
  const down = sectionOf(text, DOWN, UP);
  return [
    {
      tool: 'goose',
      series: directoryOf(path),
      id: version,
      order: version,
      path,
      up: sqlStep(path, up.text, { line: up.line, transaction }),
      down: down === null ? null : downStep(sqlStep(path, down.text, { line: down.line, transaction })),
    },
  ];
}

export const goose: MigrationTool = {
  id: 'goose',
  mayBe: (path) => /(?:^|\/)\d+[^/]*\.sql$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['goose_db_version'],
  undo: (migrations, previous) =>
    `goose -dir ${shellWord(migrations[0]?.series ?? '.')} down-to ${targetOf(previous, '0')}`,
};
