/** Every tool whose migrations are recognised. A new one is a folder here and a line below; earlier ones are asked first. */
import { unreachable } from '../core/errors.ts';
import type { MigrationToolId } from '../core/migration.ts';
import { alembic } from './alembic/index.ts';
import { dbmate } from './dbmate/index.ts';
import { django } from './django/index.ts';
import { drizzle } from './drizzle/index.ts';
import { flyway } from './flyway/index.ts';
import { golangMigrate } from './golang-migrate/index.ts';
import { goose } from './goose/index.ts';
import { knex } from './knex/index.ts';
import { liquibase } from './liquibase/index.ts';
import { compareVersions } from './migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from './migration.ts';
import { nodePgMigrate } from './node-pg-migrate/index.ts';
import { plainCode } from './plain-code/index.ts';
import { plainSql } from './plain-sql/index.ts';
import { prisma } from './prisma/index.ts';
import { rails } from './rails/index.ts';
import { sequelize } from './sequelize/index.ts';
import { typeorm } from './typeorm/index.ts';

/** What a file says of itself goes before what its name looks like. */
export const TOOLS: readonly MigrationTool[] = [
  drizzle,
  prisma,
  liquibase,
  goose,
  dbmate,
  nodePgMigrate,
  flyway,
  golangMigrate,
  rails,
  alembic,
  django,
  typeorm,
  sequelize,
  knex,
  plainSql,
  plainCode,
];

export function toolOf(id: MigrationToolId): MigrationTool {
  const found = TOOLS.find((tool) => tool.id === id);
  return found ?? unreachable(id as never, 'migration tool');
}

/**
 * Dependencies that were checked in bring migrations of their own, which nobody here writes. With migrations right in it,
 * `vendor` is an app about those who sell.
 */
const ELSEWHERE =
  /(?:^|\/)(?:node_modules|vendor(?!\/(?:migrations?|migrate|versions|alembic|prisma|db)\/)|\.venv|site-packages)\//;

export function mayBeMigration(path: string): boolean {
  return !ELSEWHERE.test(path) && TOOLS.some((tool) => tool.mayBe(path));
}

/** Tools that ask for every SQL file, and know their own by what is in it or beside it. */
const BY_CONTENT: ReadonlySet<MigrationToolId> = new Set(['drizzle', 'liquibase']);
/** Of theirs, those that a name gives away. */
const NAMED = /(?:^|\/)(?:drizzle|liquibase|db\/change-?logs?)\/(?:[^/]+\/)*[^/]+\.(?:sql|xml|ya?ml|json)$/i;

/** By its path alone, without a look into it. */
export function looksLikeMigration(path: string): boolean {
  if (ELSEWHERE.test(path)) return false;
  return TOOLS.some((tool) => tool.mayBe(path) && (!BY_CONTENT.has(tool.id) || NAMED.test(path)));
}

/** Those that come after others behind them; names decide between the rest. Rings are left as they are. */
function chained(migrations: readonly FoundMigration[]): readonly FoundMigration[] {
  const left = [...migrations];
  const done: FoundMigration[] = [];
  const open = new Set(left.map(({ id }) => id));
  while (left.length > 0) {
    const next = left.findIndex(({ after = [] }) => after.every((id) => !open.has(id)));
    for (const one of left.splice(Math.max(next, 0), 1)) {
      done.push(one);
      open.delete(one.id);
    }
  }
  return done;
}

function inOrder(migrations: readonly FoundMigration[]): readonly FoundMigration[] {
  const late = (one: FoundMigration): number => (one.repeatable === true && one.tool === 'flyway' ? 1 : 0);
  const sorted = migrations.toSorted(
    (one, other) =>
      late(one) - late(other) || compareVersions(one.order, other.order) || compareVersions(one.path, other.path),
  );
  return sorted.some(({ after }) => after !== undefined) ? chained(sorted) : sorted;
}

export function seriesKey({ tool, series }: Pick<FoundMigration, 'tool' | 'series'>): string {
  return `${tool}\0${series}`;
}

/** Every migration in the files, each found by one tool, in the order they run within their series. Pure. */
export function recognise(files: readonly TreeFile[]): ReadonlyMap<string, readonly FoundMigration[]> {
  const taken = new Set<string>();
  const bySeries = new Map<string, FoundMigration[]>();
  for (const tool of TOOLS) {
    const own = files.filter(({ path }) => tool.mayBe(path) && !taken.has(path));
    for (const migration of tool.read(own)) {
      taken.add(migration.path);
      if (migration.down !== null) taken.add(migration.down.path);
      const series = bySeries.get(seriesKey(migration));
      if (series === undefined) bySeries.set(seriesKey(migration), [migration]);
      else series.push(migration);
    }
  }
  return new Map([...bySeries].map(([key, migrations]) => [key, inOrder(migrations)]));
}
