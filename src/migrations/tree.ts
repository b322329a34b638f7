/** The migrations of a change, out of two trees. */
import { mayBeMigration, recognise } from './registry.ts';
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
}

export type ReadChange =
  | { readonly kind: 'read'; readonly series: readonly ChangedSeries[]; readonly settings: readonly TreeFile[] }
  | { readonly kind: 'unread'; readonly reason: string };

/** Files that say which database it is (`dialect.ts`). */
export const SETTINGS: RegExp =
  /(?:^|\/)(?:migration_lock\.toml|schema\.prisma|_journal\.json|drizzle\.config\.\w+|knexfile\.\w+|ormconfig\.\w+|data-?source\.[jt]s|alembic\.ini|database\.ya?ml|settings(?:\/\w+)?\.py|flyway\.(?:conf|toml)|liquibase\.properties|(?:config\/)?config\.(?:json|js)|\.sequelizerc|dbconfig\.ya?ml|atlas\.hcl)$/;

async function filesOf(tree: MigrationTree, paths: readonly string[]): Promise<readonly TreeFile[]> {
  const read = await tree.readAll(paths);
  return [...read].map(([path, bytes]) => ({ path, text: Buffer.from(bytes).toString('utf8') }));
}

/** Rejects only where the trees do. */
export async function readChangedSeries(base: MigrationTree, head: MigrationTree): Promise<ReadChange> {
  const [basePaths, headPaths] = await Promise.all([base.paths(), head.paths()]);
  const [before, after] = [basePaths.filter(mayBeMigration), headPaths.filter(mayBeMigration)];
  const most = Math.max(before.length, after.length);
  if (most > MAX_FILES) return { kind: 'unread', reason: `${most} files look like migrations; ${MAX_FILES} are read` };
  const [old, now] = [recognise(await filesOf(base, before)), recognise(await filesOf(head, after))];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  const series = keys.flatMap((key): readonly ChangedSeries[] => {
    const [one] = [...(now.get(key) ?? []), ...(old.get(key) ?? [])];
    const change = compareSeries(old.get(key) ?? [], now.get(key) ?? []);
    return one === undefined || !touches(change) ? [] : [{ ...change, tool: one.tool, series: one.series }];
  });
  const settings =
    series.length === 0
      ? []
      : await filesOf(
          head,
          headPaths.filter((path) => SETTINGS.test(path)),
        );
  return { kind: 'read', series, settings };
}
