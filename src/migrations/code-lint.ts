/** The same questions as `lint.ts`, put to migrations that are code: calls that lose data, and SQL in strings. */
import type { DatabaseKind } from '../core/migration.ts';
import { lintSql } from './lint.ts';
import type { LintSighting } from './found.ts';

/** Calls of Knex, Sequelize, TypeORM, node-pg-migrate, Rails, Django and Alembic, and what they lose. */
const CALLS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:dropTable|dropTableIfExists|drop_table|DeleteModel)\b/, 'drops a table with all it holds'],
  [
    /\b(?:dropColumns?|removeColumn|drop_column|remove_columns?|RemoveField|dropTimestamps|remove_reference)\b/,
    'drops a column with what it holds',
  ],
  [
    /\b(?:renameTable|renameColumn|rename_table|rename_column|RenameModel|RenameField|changeTableName)\b/,
    'renames what runs now and would not find any more',
  ],
  [
    /\b(?:changeColumn|change_column|alterColumn|AlterField)\b|\balter_column\b[^)]*\btype_\s*=/,
    'changes a column: values that it can not hold any more are cut or refused',
  ],
  [/\b(?:truncate|bulkDelete|delete_all|destroy_all)\b/, 'deletes rows'],
];

/** In capitals one word says it; in small letters two, since words to people begin with the same. */
const BEGINS_SQL =
  /^\s*(?:ALTER|DROP|CREATE|TRUNCATE|DELETE|UPDATE|REINDEX|VACUUM|LOCK|CLUSTER|REFRESH|WITH|COPY|DO|MERGE|ATTACH|LOAD)\b/;
const BEGINS_SMALL =
  /^\s*(?:(?:alter|drop)\s+(?:table|column|schema|type|index|view|database|sequence|extension|domain|function|role|system|materialized)|truncate\s+(?:table\s+)?[\w".]+\s*;?\s*$|delete\s+from|update\s+\S+\s+set|create\s+(?:unique\s+)?index|with\s+\S+\s+as\s*\(|copy\s+\S+\s+(?:from|to)|do\s+\$|vacuum\s+full|lock\s+table)/i;
const COMMENT = /^\s*(?:\/\/|#|\*)/;

const LONG = ['"""', "'''", '`'] as const;

interface Quoted {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** What stands in quotes, in one pass: those over several lines by their marks, the others within their line. */
function stringsOf(text: string): readonly Quoted[] {
  const found: Quoted[] = [];
  const endless = new Set<string>();
  let line = 1;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\n') line += 1;
    const mark = LONG.find((one) => text.startsWith(one, at)) ?? (/["']/.test(text[at] ?? '') ? text[at] : undefined);
    if (mark === undefined || endless.has(mark)) continue;
    const isLong = LONG.some((one) => one === mark);
    const end = text.indexOf(mark, at + mark.length);
    if (end < 0) endless.add(mark);
    const lineEnd = isLong ? -1 : text.indexOf('\n', at);
    if (end < 0 || (lineEnd >= 0 && lineEnd < end)) continue;
    const inner = text.slice(at + mark.length, end);
    const breaks = inner.split('\n').length - 1;
    found.push({ text: inner, line });
    line += breaks;
    at = end + mark.length - 1;
  }
  return found;
}

function inStrings(text: string, database: DatabaseKind | null): readonly LintSighting[] {
  return stringsOf(text).flatMap(({ text: sql, line }) =>
    BEGINS_SQL.test(sql) || BEGINS_SMALL.test(sql)
      ? lintSql(sql, database).map((one) => ({ ...one, line: one.line + line - 1 }))
      : [],
  );
}

/** Lines count within the text. */
export function lintCode(text: string, database: DatabaseKind | null): readonly LintSighting[] {
  const called = text.split('\n').flatMap((line, index): readonly LintSighting[] => {
    const found = COMMENT.test(line) ? undefined : CALLS.find(([shape]) => shape.test(line));
    if (found === undefined) return [];
    const [, message] = found;
    const said = line.trim().slice(0, 80);
    return [{ detector: 'migration-destructive', line: index + 1, message: `${message} (${said})`, lost: said }];
  });
  return [...called, ...inStrings(text, database)];
}
