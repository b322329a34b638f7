/**
 * `<version>_<title>.up.sql` and `<version>_<title>.down.sql`; the version is a number and the order.
 * Source: https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { downStep, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const NAME = /^(\d+)_.*\.(up|down)\.sql$/;

interface Named {
  readonly file: TreeFile;
  readonly version: string;
  readonly direction: string;
}

function named(file: TreeFile): readonly Named[] {
  const [, version, direction] = NAME.exec(nameOf(file.path)) ?? [];
  return version === undefined || direction === undefined ? [] : [{ file, version, direction }];
}

/** One version of one directory. */
const keyOf = ({ file, version }: Named): string => `${directoryOf(file.path)}\0${version}`;

function migrationOf(one: Named, downs: ReadonlyMap<string, TreeFile>): FoundMigration {
  const { path, text } = one.file;
  const down = downs.get(keyOf(one));
  return {
    tool: 'golang-migrate',
    series: directoryOf(path),
    id: one.version,
    order: one.version,
    path,
    up: sqlStep(path, text),
    down: down === undefined ? null : downStep(sqlStep(down.path, down.text)),
  };
}

export const golangMigrate: MigrationTool = {
  id: 'golang-migrate',
  mayBe: (path) => NAME.test(nameOf(path)),
  read(files) {
    const all = files.flatMap(named);
    const downs = new Map(all.flatMap((one) => (one.direction === 'down' ? [[keyOf(one), one.file] as const] : [])));
    return all.filter(({ direction }) => direction === 'up').map((one) => migrationOf(one, downs));
  },
  bookkeeping: ['schema_migrations'],
  undo: (migrations) =>
    `migrate -path ${shellWord(migrations[0]?.series ?? '.')} -database "$DATABASE_URL" down ${migrations.length}`,
};
