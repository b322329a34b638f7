/**
 * `V<version>__<description>.sql` runs once, `U<version>__...` takes it back (`flyway undo`, not in the free edition), and
 * `R__<description>.sql` runs again after all others whenever it changes. Classes with such names are migrations in code, which
 * lie under `src/main/java` as the SQL does under `src/main/resources`, and run in one order with it.
 * Callbacks in SQL beside them (`afterMigrate.sql`, `beforeEachMigrate__<description>.sql`) run whenever something is migrated,
 * and are taken as what runs again. Sources: https://documentation.red-gate.com/flyway/flyway-concepts/migrations and
 * https://documentation.red-gate.com/flyway/flyway-concepts/callbacks.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { downStep, sqlStep, targetOf } from '../migration.ts';
import type { FoundMigration, MigrationStep, MigrationTool, TreeFile } from '../migration.ts';

const NAME = /^([VU])(\d+(?:[._]\d+)*)__.*\.(?:sql|java|kt|groovy|scala)$|^R__.+\.(?:sql|java|kt|groovy|scala)$/;
const CALLBACK = /^(?:before|after|createSchema)\w*\.sql$/;
const CLASS = /\.(?:java|kt|groovy|scala)$/;
/** What such a class says of itself: it extends one, or implements it. */
const IS_MIGRATION = /\b(?:BaseJavaMigration|JavaMigration|SpringJdbcMigration|JdbcMigration)\b/;

/** Of SQL and of classes that run in one order. */
function seriesOf(path: string): string {
  return CLASS.test(path)
    ? directoryOf(path).replace(/(^|\/)src\/(\w+)\/(?:java|kotlin|groovy|scala)(?=\/|$)/, '$1src/$2/resources')
    : directoryOf(path);
}

function stepOf({ path, text }: TreeFile): MigrationStep {
  return CLASS.test(path) ? { kind: 'code', path, text } : sqlStep(path, text);
}

function versionOf(path: string): string {
  return (NAME.exec(nameOf(path))?.[2] ?? '').replaceAll('_', '.');
}

/** One version of one directory. */
const keyOf = (path: string): string => `${seriesOf(path)}\0${versionOf(path)}`;

function versioned(file: TreeFile, undos: ReadonlyMap<string, TreeFile>): FoundMigration {
  const { path } = file;
  const version = versionOf(path);
  const down = undos.get(keyOf(path));
  return {
    tool: 'flyway',
    series: seriesOf(path),
    id: version,
    order: version,
    path,
    up: stepOf(file),
    down: down === undefined ? null : downStep(stepOf(down)),
  };
}

function repeatable(file: TreeFile): FoundMigration {
  const { path } = file;
  const id = nameOf(path);
  const oneWay = 'it is run again whenever it changes: to take it back, run what it was before';
  const up = stepOf(file);
  return { tool: 'flyway', series: seriesOf(path), id, order: id, path, up, down: null, oneWay, repeatable: true };
}

export const flyway: MigrationTool = {
  id: 'flyway',
  mayBe: (path) => NAME.test(nameOf(path)) || CALLBACK.test(nameOf(path)),
  read(files) {
    const own = files.filter(
      ({ path, text }) => NAME.test(nameOf(path)) && (!CLASS.test(path) || IS_MIGRATION.test(text)),
    );
    const of = (kind: string): readonly TreeFile[] => own.filter(({ path }) => nameOf(path).startsWith(kind));
    const undos = new Map(of('U').map((file) => [keyOf(file.path), file]));
    const series = new Set(own.map(({ path }) => seriesOf(path)));
    const callbacks = files.filter(({ path }) => CALLBACK.test(nameOf(path)) && series.has(seriesOf(path)));
    return [...of('V').map((file) => versioned(file, undos)), ...[...of('R'), ...callbacks].map(repeatable)];
  },
  bookkeeping: ['flyway_schema_history'],
  undo(migrations) {
    const first = migrations.find((one) => one.repeatable !== true);
    return first === undefined ? 'flyway migrate' : `flyway undo -target=${targetOf(first, '0')}`;
  },
};
