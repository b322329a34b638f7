/**
 * `<out>/<tag>.sql`, listed in `<out>/meta/_journal.json`; since the third format of the folder `<out>/<time>_<name>/migration.sql`
 * beside a `snapshot.json`. The tool has no way down; `<tag>.down.sql` or `down.sql` beside it is taken as one.
 * Source: https://orm.drizzle.team/docs/drizzle-config-file#migrations-folder and https://orm.drizzle.team/docs/kit-overview.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { downStep, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const JOURNAL = /^(.*\/)?meta\/_journal\.json$/;

interface Entry {
  readonly idx: number;
  readonly tag: string;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { idx, tag } = value as Record<string, unknown>;
  return typeof idx === 'number' && typeof tag === 'string';
}

/** The entries that can be understood; a broken journal has none, and the tool does not start with it either. */
function entriesOf(text: string): readonly Entry[] {
  let journal: unknown;
  try {
    journal = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  const { entries } = (journal ?? {}) as Record<string, unknown>;
  return Array.isArray(entries) ? entries.filter(isEntry) : [];
}

interface Place {
  readonly series: string;
  readonly id: string;
  readonly order: string;
}

function migrationOf(file: TreeFile, down: TreeFile | undefined, place: Place): FoundMigration {
  return {
    tool: 'drizzle',
    ...place,
    path: file.path,
    up: sqlStep(file.path, file.text),
    down: down === undefined ? null : downStep(sqlStep(down.path, down.text)),
    oneWay: 'Drizzle makes none by itself: put a down.sql beside it',
  };
}

function listed(journal: TreeFile, files: ReadonlyMap<string, TreeFile>): readonly FoundMigration[] {
  const prefix = JOURNAL.exec(journal.path)?.[1] ?? '';
  return entriesOf(journal.text).flatMap(({ idx, tag }) => {
    const file = files.get(`${prefix}${tag}.sql`);
    if (file === undefined) return [];
    const place = { series: prefix.replace(/\/$/, ''), id: tag, order: String(idx) };
    return [migrationOf(file, files.get(`${prefix}${tag}.down.sql`), place)];
  });
}

function inFolder(snapshot: TreeFile, files: ReadonlyMap<string, TreeFile>): readonly FoundMigration[] {
  const directory = directoryOf(snapshot.path);
  const file = files.get(`${directory}/migration.sql`);
  const id = nameOf(directory);
  const place = { series: directoryOf(directory), id, order: id };
  return file === undefined ? [] : [migrationOf(file, files.get(`${directory}/down.sql`), place)];
}

export const drizzle: MigrationTool = {
  id: 'drizzle',
  mayBe: (path) => JOURNAL.test(path) || /\/snapshot\.json$|\.sql$/.test(path),
  read(files) {
    const byPath = new Map(files.map((file) => [file.path, file]));
    return files.flatMap((file) => {
      if (JOURNAL.test(file.path)) return listed(file, byPath);
      return file.path.endsWith('/snapshot.json') ? inFolder(file, byPath) : [];
    });
  },
  bookkeeping: ['__drizzle_migrations'],
  undo: (migrations) =>
    migrations
      .toReversed()
      .map(
        ({ down, path }) => `psql "$DATABASE_URL" -f ${shellWord(down?.path ?? path.replace(/\.sql$/, '.down.sql'))}`,
      )
      .join(' && '),
};
