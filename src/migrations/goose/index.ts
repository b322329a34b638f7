/**
 * `<version>_<name>.sql` with `-- +goose Up`, `-- +goose Down` and, for what cannot be in a transaction, `-- +goose NO
 * TRANSACTION`; each on a line of its own without a space before it. `<version>_<name>.go` that registers two functions is one in
 * code, in one order with the SQL beside it. Sources: https://pressly.github.io/goose/documentation/annotations/ and
 * https://pressly.github.io/goose/blog/2022/go-migrations/.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { downStep, sectionOf, sqlStep, targetOf } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const UP = /^--\s*\+goose\s+up\b/i;
const DOWN = /^--\s*\+goose\s+down\b/i;

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const up = sectionOf(text, UP, DOWN);
  const version = /^\d+/.exec(nameOf(path))?.[0];
  if (up === null || version === undefined) return [];
  const transaction = !/^--\s*\+goose\s+no\s+transaction\b/im.test(text);
  const down = sectionOf(text, DOWN, UP);
  return [
    {
      tool: 'goose',
      series: directoryOf(path),
      id: version,
      order: version,
      path,
      up: sqlStep(path, up.text, { line: up.line, transaction }),
      down: down === null ? null : downStep(sqlStep(path, down.text, { line: down.line, transaction })),
    },
  ];
}

/** `goose.AddMigrationContext(up, down)`, under all its names; `nil` is no way. */
const REGISTERS = /\bAdd(?:Named)?Migration(?:NoTx)?(?:Context)?\(([^()]*)\)/;

/** A function that does nothing but say that it worked. */
function isEmptyGo(text: string, name: string): boolean {
  const body = new RegExp(`\\bfunc ${name}\\([^)]*\\) error \\{\\s*(?://[^\\n]*\\n\\s*)*return nil\\s*\\}`);
  return /^\w+$/.test(name) && body.test(text);
}

function codeOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const version = /^\d+/.exec(nameOf(path))?.[0];
  const registered = REGISTERS.exec(text)?.[1]
    ?.split(',')
    .map((part) => part.trim());
  if (version === undefined || registered === undefined) return [];
  const down = registered.filter((part) => part !== '').at(-1) ?? 'nil';
  const isNone = down === 'nil' || isEmptyGo(text, down);
  const step = { kind: 'code', path, text } as const;
  return [
    {
      tool: 'goose',
      series: directoryOf(path),
      id: version,
      order: version,
      path,
      up: step,
      down: isNone ? null : step,
      ...(isNone ? { oneWay: 'its way down does nothing' } : {}),
    },
  ];
}

export const goose: MigrationTool = {
  id: 'goose',
  mayBe: (path) => /(?:^|\/)\d+[^/]*\.(?:sql|go)$/.test(path),
  read: (files) => files.flatMap((file) => (file.path.endsWith('.go') ? codeOf(file) : migrationOf(file))),
  bookkeeping: ['goose_db_version'],
  undo: (migrations, previous) =>
    `goose -dir ${shellWord(migrations[0]?.series ?? '.')} down-to ${targetOf(previous, '0')}`,
};
