/**
 * `migrations/<time>_<name>/migration.sql` (every directory with such a file runs, in the order of the names), and beside it `down.sql` where somebody made one with `prisma migrate diff`.
 * Sources: https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories and
 * https://www.prisma.io/docs/orm/prisma-migrate/workflows/generating-down-migrations.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { downStep, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const UP = /(?:^|\/)migrations\/[^/]+\/migration\.sql$/;

function migrationOf({ path, text }: TreeFile, files: ReadonlyMap<string, TreeFile>): FoundMigration {
  const directory = directoryOf(path);
  const id = nameOf(directory);
  const down = files.get(`${directory}/down.sql`);
  return {
    tool: 'prisma',
    series: directoryOf(directory),
    id,
    order: id,
    path,
    up: sqlStep(path, text),
    down: down === undefined ? null : downStep(sqlStep(down.path, down.text)),
    oneWay: 'Prisma makes none by itself: `prisma migrate diff` writes a down.sql to put beside it',
  };
}

export const prisma: MigrationTool = {
  id: 'prisma',
  mayBe: (path) => UP.test(path) || /(?:^|\/)migrations\/[^/]+\/down\.sql$/.test(path),
  read(files) {
    const byPath = new Map(files.map((file) => [file.path, file]));
    return files.filter(({ path }) => UP.test(path)).map((file) => migrationOf(file, byPath));
  },
  bookkeeping: ['_prisma_migrations'],
  undo: (migrations) =>
    migrations
      .toReversed()
      .map(({ path }) => `npx prisma db execute --file ${shellWord(`${directoryOf(path)}/down.sql`)}`)
      .join(' && '),
};
