/**
 * SQL that no tool above knows: `<name>.up.sql` with `<name>.down.sql`, `<name>_up.sql` with `<name>_down.sql`, `<name>/up.sql`
 * with `<name>/down.sql` (as Diesel and Hasura have it), and numbered files in a directory of migrations, perhaps with
 * `<name>.down.sql`, `<name>.undo.sql` or `<name>.rollback.sql` beside them. The order is that of the names.
 * Sources: https://diesel.rs/guides/getting-started and https://hasura.io/docs/2.0/migrations-metadata-seeds/.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { downStep, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const DOWN = /(?:[._-](?:down|undo|rollback)\.sql|(?:^|\/)down\.sql)$/i;
const UP = /(?:[._-]up\.sql|(?:^|\/)up\.sql)$/i;
const NUMBERED = /(?:^|\/)(?:migrations?|migrate|db)\/(?:[^/]+\/)*\d+[^/]*\.sql$/i;
const FOLDERS = /(?:^|\/)(?:up|down)\.sql$/i;

function downPaths(path: string): readonly string[] {
  if (/(?:^|\/)up\.sql$/i.test(path)) return [path.replace(/up\.sql$/i, 'down.sql')];
  const stem = path.replace(UP, '').replace(/\.sql$/i, '');
  return ['.down', '_down', '-down', '.undo', '.rollback'].map((end) => `${stem}${end}.sql`);
}

function migrationOf({ path, text }: TreeFile, files: ReadonlyMap<string, TreeFile>): FoundMigration {
  const isFolder = FOLDERS.test(path);
  const place = isFolder ? directoryOf(path) : path;
  const id = nameOf(place)
    .replace(UP, '')
    .replace(/\.sql$/i, '');
  const down = downPaths(path).flatMap((other) => files.get(other) ?? [])[0];
  return {
    tool: 'plain-sql',
    series: directoryOf(place),
    id,
    order: id,
    path,
    up: sqlStep(path, text),
    down: down === undefined ? null : downStep(sqlStep(down.path, down.text)),
  };
}

export const plainSql: MigrationTool = {
  id: 'plain-sql',
  mayBe: (path) => UP.test(path) || DOWN.test(path) || NUMBERED.test(path),
  read(files) {
    const byPath = new Map(files.map((file) => [file.path, file]));
    // A file that says down needs one that says up: `shut_down.sql` alone is no migration.
    const isOne = ({ path }: TreeFile): boolean => {
      if (DOWN.test(path)) return false;
      return NUMBERED.test(path) || (UP.test(path) && downPaths(path).some((other) => byPath.has(other)));
    };
    return files.filter(isOne).map((file) => migrationOf(file, byPath));
  },
  bookkeeping: ['schema_migrations', '__diesel_schema_migrations'],
  undo: (migrations) =>
    migrations
      .toReversed()
      .map(({ down, path }) => `psql "$DATABASE_URL" -f ${shellWord(down?.path ?? downPaths(path)[0] ?? path)}`)
      .join(' && '),
};
