/**
 * Which database migrations are for: the policy says it, else the tool or its configuration, else what only one database
 * understands. `other`: one that is not known here.
 */
import type { DatabaseKind } from '../core/migration.ts';
import type { FoundMigration } from './migration.ts';
import { readTokens } from './sql.ts';
import { toolOf } from './registry.ts';
import type { Settings } from './tree.ts';

export type Dialect = DatabaseKind | 'other' | null;

/** How configurations name them: providers, dialects, clients, drivers, adapters, engines and URLs. */
const NAMES: readonly (readonly [RegExp, Exclude<Dialect, null>])[] = [
  [/postgres(?:ql)?|cockroach|psycopg|\bpg\b|postgis/i, 'postgresql'],
  [/sqlite|\bturso\b|libsql|\bd1\b/i, 'sqlite'],
  [/mysql|mariadb|mssql|sqlserver|oracle|singlestore|mongodb/i, 'other'],
];

/** The lines that name a database, in whatever format. */
const NAMING =
  /^.*\b(?:provider|dialect|client|adapter|driver|type|ENGINE|url|sqlalchemy\.url|flyway\.url|DATABASE_URL)\b["']?\s*(?:=>|[:=])(.*)$/gim;

function named(text: string): readonly Exclude<Dialect, null>[] {
  return [...text.matchAll(NAMING)].flatMap(([, value = '']) => {
    const found = NAMES.find(([shape]) => shape.test(value));
    return found === undefined ? [] : [found[1]];
  });
}

/** Only one database has these, in migrations as people write them. */
const ONLY_POSTGRESQL: ReadonlySet<string> = new Set(
  'SERIAL BIGSERIAL SMALLSERIAL JSONB TIMESTAMPTZ BYTEA CONCURRENTLY TSVECTOR CITEXT INET PLPGSQL GIN GIST EXTENSION MATERIALIZED'.split(
    ' ',
  ),
);
const ONLY_SQLITE: ReadonlySet<string> = new Set('AUTOINCREMENT PRAGMA ROWID'.split(' '));
const ONLY_OTHERS: ReadonlySet<string> = new Set(
  'AUTO_INCREMENT ENGINE UNSIGNED TINYINT MEDIUMTEXT LONGTEXT DATETIME2 NVARCHAR VARCHAR2 NUMBER CLOB'.split(' '),
);

function spoken(texts: readonly string[]): Dialect {
  const tokens = texts.flatMap((text) => readTokens(text));
  const says = (words: ReadonlySet<string>): boolean =>
    tokens.some(({ kind, value }) => kind === 'word' && words.has(value));
  if (says(ONLY_OTHERS)) return 'other';
  const postgresql = says(ONLY_POSTGRESQL) || tokens.some(({ kind, value }) => kind === 'mark' && value === '::');
  const sqlite = says(ONLY_SQLITE);
  if (postgresql === sqlite) return null;
  return postgresql ? 'postgresql' : 'sqlite';
}

function distance(path: string, series: string): number {
  const [one, other] = [path.split('/').slice(0, -1), series.split('/')];
  const same = one.findIndex((part, index) => part !== other[index]);
  return one.length + other.length - 2 * (same < 0 ? one.length : same);
}

/** The configuration that lies nearest, where it names one database only. */
function configured(series: string, settings: Settings): Dialect {
  const near = settings.flatMap((files) =>
    files.toSorted((one, other) => distance(one.path, series) - distance(other.path, series)),
  );
  for (const { text } of near) {
    const kinds = new Set(named(text));
    if (kinds.size === 1) return [...kinds][0] ?? null;
  }
  return null;
}

export interface DialectQuestion {
  readonly migrations: readonly FoundMigration[];
  readonly settings: Settings;
  readonly policy: DatabaseKind | undefined;
}

/** null: nothing says it. */
export function dialectOf({ migrations, settings, policy }: DialectQuestion): Dialect {
  const [first] = migrations;
  if (first === undefined || policy !== undefined) return policy ?? null;
  const texts = migrations.flatMap(({ up }) => (up.kind === 'sql' ? [up.text] : []));
  return toolOf(first.tool).database ?? configured(first.series, settings) ?? spoken(texts);
}
