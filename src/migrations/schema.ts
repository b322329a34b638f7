/**
 * Two descriptions of a schema, compared. A database gives it as SQL (`sqlite_schema.sql`, `pg_dump --schema-only`); the
 * same schema can be written in several ways, so the tokens are compared and not the text, and statements as a set.
 */
import type { DatabaseKind } from '../core/migration.ts';
import { readStatements, splitAt } from './sql.ts';
import type { SqlStatement, SqlToken } from './sql.ts';

/**
 * A quoted name that could stand unquoted is the same name: SQLite quotes what it renames. For PostgreSQL that is one in
 * small letters; for SQLite, to which case means nothing, any.
 */
const PLAIN: Readonly<Record<DatabaseKind, RegExp>> = {
  postgresql: /^[a-z_][a-z0-9_]*$/,
  sqlite: /^[a-z_][a-z0-9_]*$/i,
};

interface Reading {
  readonly database: DatabaseKind;
  readonly columns: 'in-order' | 'as-set';
}

function wordsOf(tokens: readonly SqlToken[], { database, columns }: Reading): string {
  const open = tokens.findIndex(({ kind, value }) => kind === 'mark' && value === '(');
  const last = tokens.findLastIndex(({ kind, value }) => kind === 'mark' && value === ')');
  const plain = (some: readonly SqlToken[]): string =>
    some
      .map(({ kind, value }) => {
        if (kind === 'text') return `'${value}'`;
        return kind === 'name' && !PLAIN[database].test(value) ? JSON.stringify(value) : value.toUpperCase();
      })
      .join(' ');
  if (columns === 'in-order' || !/^CREATE (?:\w+ )*TABLE /.test(plain(tokens.slice(0, 4))) || open < 0)
    return plain(tokens);
  const items = splitAt(tokens.slice(open + 1, last), ',').map(plain);
  return `${plain(tokens.slice(0, open))} ( ${items.toSorted().join(' , ')} ) ${plain(tokens.slice(last + 1))}`;
}

/** What a dump says of the connection and not of the schema. */
function isAboutSession({ tokens }: SqlStatement): boolean {
  const [first, second] = tokens.map(({ value }) => value);
  return first === 'SET' || (first === 'SELECT' && second === 'PG_CATALOG');
}

function described(dump: string, reading: Reading): ReadonlySet<string> {
  // For psql, and with a random word: https://www.postgresql.org/docs/current/app-pgdump.html. A line of a function may begin
  // with any other `\`.
  const plain = dump.replaceAll(/^\\(?:un)?restrict \w+$|^\\connect \w+$/gm, '');
  const statements = readStatements(plain, reading.database).filter((one) => !isAboutSession(one));
  return new Set(statements.map(({ tokens }) => wordsOf(tokens, reading)));
}

export type SchemaComparison =
  | { readonly same: true; readonly columnsMoved: boolean }
  /** What only one of the two has, as SQL in one line each; bounded. */
  | { readonly same: false; readonly missing: readonly string[]; readonly extra: readonly string[] };

const MAX_SHOWN = 3;
const MAX_LENGTH = 160;

/** Columns that only changed places are the same schema: a column that comes back comes back as the last one. */
export function compareSchemas(database: DatabaseKind, wanted: string, found: string): SchemaComparison {
  const [asSet, inOrder] = [{ database, columns: 'as-set' } as const, { database, columns: 'in-order' } as const];
  const only = (of: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] =>
    [...of].filter((statement) => !other.has(statement));
  const [before, after] = [described(wanted, asSet), described(found, asSet)];
  const [missing, extra] = [only(before, after), only(after, before)];
  if (missing.length + extra.length === 0) {
    const moved = only(described(wanted, inOrder), described(found, inOrder));
    return { same: true, columnsMoved: moved.length > 0 };
  }
  const shown = (all: readonly string[]): readonly string[] =>
    all.slice(0, MAX_SHOWN).map((text) => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text));
  return { same: false, missing: shown(missing), extra: shown(extra) };
}
