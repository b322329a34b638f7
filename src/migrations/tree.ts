/** The migrations of a change, out of two trees. */
import { directoryOf } from '../core/detectors/paths.ts';
import { looksLikeMigration, mayBeMigration, recognise } from './registry.ts';
import { compareSeries, touches } from './history.ts';
import type { SeriesChange } from './history.ts';
import type { FoundMigration, TreeFile } from './migration.ts';

/** As much of a tree as is read here. */
export interface MigrationTree {
  paths(): Promise<readonly string[]>;
  readAll(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** More files than any repository has migrations. Beyond it nothing is known, and nothing is said to be fine. */
const MAX_FILES = 10_000;

export interface ChangedSeries extends SeriesChange {
  readonly tool: FoundMigration['tool'];
  readonly series: string;
  /** Files of its directory that are too large, or no regular files: what they hold is not known. */
  readonly unread: readonly string[];
}

/** Files that say which database it is, as they are in trees of which the first that says it is believed. */
export type Settings = readonly (readonly TreeFile[])[];

export type ReadChange =
  | {
      readonly kind: 'read';
      readonly series: readonly ChangedSeries[];
      /** Of the base, then of the head: what a change says of its own database counts where the base says nothing. */
      readonly settings: Settings;
      /** New files that look like migrations, and that nobody could read. */
      readonly unread: readonly string[];
      /** The same of files that the base has: whether they changed, their trees know and their texts do not. */
      readonly unreadEarlier: readonly string[];
    }
  | { readonly kind: 'unread'; readonly reason: string };

/** Files that say which database it is (`dialect.ts`). */
export const SETTINGS: RegExp =
  /(?:^|\/)(?:migration_lock\.toml|schema\.prisma|_journal\.json|drizzle\.config\.\w+|knexfile\.\w+|ormconfig\.\w+|data-?source\.[jt]s|alembic\.ini|database\.ya?ml|settings(?:\/\w+)?\.py|flyway\.(?:conf|toml)|liquibase\.properties|(?:config\/)?config\.(?:json|js)|\.sequelizerc|dbconfig\.ya?ml|atlas\.hcl)$/;

interface ReadFiles {
  readonly files: readonly TreeFile[];
  readonly unread: readonly string[];
}

async function filesOf(tree: MigrationTree, paths: readonly string[]): Promise<ReadFiles> {
  const read = await tree.readAll(paths);
  const files = [...read].map(([path, bytes]) => ({ path, text: Buffer.from(bytes).toString('utf8') }));
  return { files, unread: paths.filter((path) => !read.has(path) && looksLikeMigration(path)) };
}

function changedSeries(before: ReadFiles, after: ReadFiles): readonly ChangedSeries[] {
  const [old, now] = [recognise(before.files), recognise(after.files)];
  const unread = [...new Set([...before.unread, ...after.unread])];
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((key): readonly ChangedSeries[] => {
    const [one] = [...(now.get(key) ?? []), ...(old.get(key) ?? [])];
    const change = compareSeries(old.get(key) ?? [], now.get(key) ?? []);
    if (one === undefined || !touches(change)) return [];
    const { tool, series } = one;
    return [
      { ...change, tool, series, unread: unread.filter((path) => `${directoryOf(path)}/`.startsWith(`${series}/`)) },
    ];
  });
}

async function settingsOf(tree: MigrationTree, paths: readonly string[]): Promise<readonly TreeFile[]> {
  return (
    await filesOf(
      tree,
      paths.filter((path) => SETTINGS.test(path)),
    )
  ).files;
}

/** Rejects only where the trees do. */
export async function readChangedSeries(base: MigrationTree, head: MigrationTree): Promise<ReadChange> {
  const [basePaths, headPaths] = await Promise.all([base.paths(), head.paths()]);
  const [before, after] = [basePaths.filter(mayBeMigration), headPaths.filter(mayBeMigration)];
  const most = Math.max(before.length, after.length);
  if (most > MAX_FILES) return { kind: 'unread', reason: `${most} files look like migrations; ${MAX_FILES} are read` };
  const [old, now] = [await filesOf(base, before), await filesOf(head, after)];
  const series = changedSeries(old, now);
  const known = new Set(basePaths);
  const settings = series.length === 0 ? [] : [await settingsOf(base, basePaths), await settingsOf(head, headPaths)];
  const unread = now.unread.filter((path) => !known.has(path));
  const unreadEarlier = now.unread.filter((path) => known.has(path));
  return { kind: 'read', series, settings, unread, unreadEarlier };
}
