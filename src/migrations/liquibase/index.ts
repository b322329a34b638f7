/**
 * SQL that begins with `--liquibase formatted sql`: change sets of one file after the other, each behind
 * `--changeset author:id`, each with `--rollback` lines or a `liquibase rollback` comment. Change logs in XML, YAML and JSON are recognised as one file, and asked
 * whether every change set says how it goes back, or holds only changes that Liquibase can turn round by itself. Sources:
 * https://docs.liquibase.com/concepts/changelogs/sql-format.html and
 * https://docs.liquibase.com/workflows/liquibase-community/automatic-and-custom-rollbacks.html.
 */
import { downStep, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const FORMATTED = /^\s*--\s*liquibase formatted sql/i;
const CHANGE_SET = /^--\s*changeset\s+(\S+:\S+)(.*)$/i;
const ROLLBACK = /^--\s*rollback\s?(.*)$/i;
const BLOCK_BEGIN = /^\/\*\s*liquibase rollback\s*$/i;
const STRUCTURED = /<databaseChangeLog\b|^[ \t]*databaseChangeLog[ \t]*:|"databaseChangeLog"\s*:/m;

/** Changes that can not be turned round without being told how. */
const ONE_WAY =
  /<(?:sql|sqlFile|delete|update|insert|dropTable|dropColumn|modifyDataType|dropView|dropIndex|loadData|customChange|executeCommand)\b|["']?\b(?:sql|sqlFile|delete|update|insert|dropTable|dropColumn|modifyDataType|dropView|dropIndex|loadData|customChange|executeCommand)["']?\s*:/;

interface Block {
  readonly id: string;
  readonly attributes: string;
  readonly lines: readonly string[];
  readonly line: number;
}

function blocksOf(text: string): readonly Block[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (CHANGE_SET.test(line) ? [index] : []));
  return starts.map((start, index) => {
    const [, id = '', attributes = ''] = CHANGE_SET.exec(lines[start] ?? '') ?? [];
    return { id, attributes, lines: lines.slice(start + 1, starts[index + 1]), line: start + 2 };
  });
}

/** Where the comment with the rollback begins, and where it ends; both are lines of their own. */
function rollbackBlock(lines: readonly string[]): readonly [begin: number, end: number] | null {
  const begin = lines.findIndex((line) => BLOCK_BEGIN.test(line));
  const length = begin < 0 ? -1 : lines.slice(begin).findIndex((line) => line.includes('*/'));
  return length < 0 ? null : [begin, begin + length];
}

/** `--rollback` may name nothing to do (`empty`, `not required`): that is no way back. */
function rollbackOf(path: string, { lines, attributes, line }: Block): FoundMigration['down'] {
  const block = rollbackBlock(lines);
  const inBlock = block === null ? '' : lines.slice(block[0] + 1, block[1]).join('\n');
  const told = lines.flatMap((text) => ROLLBACK.exec(text)?.[1] ?? []).join('\n');
  const text = told === '' ? inBlock : told;
  const transaction = !/runInTransaction:false/i.test(attributes);
  return /^\s*(?:empty|not required)\s*$/i.test(text) ? null : downStep(sqlStep(path, text, { line, transaction }));
}

function formatted({ path, text }: TreeFile): readonly FoundMigration[] {
  return blocksOf(text).map((block, index) => ({
    tool: 'liquibase',
    series: path,
    id: block.id,
    order: String(index),
    path,
    // The rollback is a comment to SQL, whichever form it has.
    up: sqlStep(path, block.lines.join('\n'), {
      line: block.line,
      transaction: !/runInTransaction:false/i.test(block.attributes),
    }),
    down: rollbackOf(path, block),
    ...(/runOnChange:true|runAlways:true/i.test(block.attributes) ? { repeatable: true as const } : {}),
  }));
}

function structured({ path, text }: TreeFile): readonly FoundMigration[] {
  const sets = text.split(/<changeSet\b|\bchangeSet\b["']?\s*:/).slice(1);
  if (sets.length === 0) return [];
  const oneWay = sets.some((set) => ONE_WAY.test(set) && !/\brollback\b/.test(set));
  const step = { kind: 'code', path, text } as const;
  const down = oneWay ? null : step;
  const why = 'a change set says neither how it goes back nor is one that Liquibase turns round by itself';
  return [
    {
      tool: 'liquibase',
      series: path,
      id: path,
      order: path,
      path,
      up: step,
      down,
      ...(oneWay ? { oneWay: why } : {}),
    },
  ];
}

export const liquibase: MigrationTool = {
  id: 'liquibase',
  mayBe: (path) => path.endsWith('.sql') || /(?:change-?log|liquibase)[^]*\.(?:xml|ya?ml|json)$/i.test(path),
  read: (files) =>
    files.flatMap((file) => {
      if (FORMATTED.test(file.text)) return formatted(file);
      return !file.path.endsWith('.sql') && STRUCTURED.test(file.text) ? structured(file) : [];
    }),
  bookkeeping: ['databasechangelog', 'databasechangeloglock'],
  undo: (migrations) => `liquibase rollback-count --count=${migrations.length}`,
  proposal: {
    up: 'liquibase --url="$JDBC_URL" update',
    down: 'liquibase --url="$JDBC_URL" rollback-count --count="$MIGRATION_COUNT"',
  },
};
