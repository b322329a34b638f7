/**
 * `db/migrate/<time>_<name>.rb` (and `db/<database>_migrate/`, directories in them, and `<name>.<engine>.rb`, which engines
 * bring along), with `change`, or `up` and `down`. `change` goes back by itself unless it holds what the guide names as
 * irreversible. Names as `MigrationFilenameRegexp` and `migration_files` of ActiveRecord have them.
 * Source: https://guides.rubyonrails.org/active_record_migrations.html#using-reversible and #using-the-up-down-methods.
 */
import { rubyMethod } from '../code.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const PATH = /((?:^|.*\/)db\/(?:\w+_)?migrate)\/(?:[^/]+\/)*(\d+)_\w+(?:\.\w+)?\.rb$/;

/** Within `change`, and not inside `reversible` or `revert`. */
const IRREVERSIBLE: readonly (readonly [RegExp, string])[] = [
  [/\bIrreversibleMigration\b/, 'it says so itself'],
  [
    /^[ \t]*(?:(?:execute|change_column)\b|remove_columns?[ \t]+:\w+,[ \t]*:\w+[ \t]*$)/m,
    'its `change` holds what does not go back by itself',
  ],
  [/^[ \t]*drop_table\b(?![^\n]*(?:\bdo\b|\{))/m, 'its `change` drops a table without saying what was in it'],
  [
    /^[ \t]*(?:change_column_default|change_column_comment|change_table_comment)\b(?![^\n]*from:)/m,
    'its `change` says no value to go back to',
  ],
];

function wayBack(text: string): Pick<FoundMigration, 'down' | 'oneWay'> & { readonly up: string } {
  const change = rubyMethod(text, 'change');
  const [up, down] = [rubyMethod(text, 'up'), rubyMethod(text, 'down')];
  const judged = change ?? down;
  const why = /\breversible\b|\brevert\b/.test(change ?? '')
    ? undefined
    : IRREVERSIBLE.find(([shape], index) => shape.test(judged ?? '') && (change !== null || index === 0))?.[1];
  const isEmpty = change === null && (down === null || /^\s*def down\s*(?:#[^\n]*(?:\n\s*|$))*$/.test(down));
  const back = why === undefined && !isEmpty ? judged : null;
  const { oneWay } = why === undefined ? { oneWay: undefined } : { oneWay: why };
  return {
    up: change ?? up ?? text,
    down: back === null ? null : { kind: 'code', path: '', text: back },
    ...(oneWay === undefined ? {} : { oneWay }),
  };
}

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const [, series, version] = PATH.exec(path) ?? [];
  // A base class of one's own inherits from it somewhere else.
  if (series === undefined || version === undefined || !/ActiveRecord::Migration|<\s*[\w:]*Migration\b/.test(text))
    return [];
  const { up, down, oneWay } = wayBack(text);
  return [
    {
      tool: 'rails',
      series,
      id: version,
      order: version,
      path,
      up: { kind: 'code', path, text: up },
      down: down === null ? null : { ...down, path },
      ...(oneWay === undefined ? {} : { oneWay }),
    },
  ];
}

export const rails: MigrationTool = {
  id: 'rails',
  mayBe: (path) => PATH.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['schema_migrations', 'ar_internal_metadata'],
  undo: (migrations) => `bin/rails db:rollback STEP=${migrations.length}`,
  proposal: { up: 'bin/rails db:migrate', down: 'bin/rails db:rollback STEP="$MIGRATION_COUNT"' },
};
