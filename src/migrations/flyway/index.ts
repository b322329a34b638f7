/**
 * `V<version>__<description>.sql` runs once, `U<version>__...` takes it back (`flyway undo`, not in the free edition), and
 * `R__<description>.sql` runs again after all others whenever it changes. Migrations in Java are not read.
 * Source: https://documentation.red-gate.com/flyway/flyway-concepts/migrations.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { downStep, sqlStep, targetOf } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const NAME = /^([VU])(\d+(?:[._]\d+)*)__.*\.sql$|^R__.+\.sql$/;

function versionOf(path: string): string {
  return (NAME.exec(nameOf(path))?.[2] ?? '').replaceAll('_', '.');
}

/** One version of one directory. */
const keyOf = (path: string): string => `${directoryOf(path)}\0${versionOf(path)}`;

function versioned({ path, text }: TreeFile, undos: ReadonlyMap<string, TreeFile>): FoundMigration {
  const version = versionOf(path);
  const down = undos.get(keyOf(path));
  return {
    tool: 'flyway',
    series: directoryOf(path),
    id: version,
    order: version,
    path,
    up: sqlStep(path, text),
    down: down === undefined ? null : downStep(sqlStep(down.path, down.text)),
  };
}

function repeatable({ path, text }: TreeFile): FoundMigration {
  const id = nameOf(path);
  const oneWay = 'it is run again whenever it changes: to take it back, run what it was before';
  const up = sqlStep(path, text);
  return { tool: 'flyway', series: directoryOf(path), id, order: id, path, up, down: null, oneWay, repeatable: true };
}

export const flyway: MigrationTool = {
  id: 'flyway',
  mayBe: (path) => NAME.test(nameOf(path)),
  read(files) {
    const own = files.filter(({ path }) => NAME.test(nameOf(path)));
    const of = (kind: string): readonly TreeFile[] => own.filter(({ path }) => nameOf(path).startsWith(kind));
    const undos = new Map(of('U').map((file) => [keyOf(file.path), file]));
    return [...of('V').map((file) => versioned(file, undos)), ...of('R').map(repeatable)];
  },
  bookkeeping: ['flyway_schema_history'],
  undo(migrations) {
    const first = migrations.find((one) => one.repeatable !== true);
    return first === undefined ? 'flyway migrate' : `flyway undo -target=${targetOf(first, '0')}`;
  },
};
