/**
 * `<app>/migrations/<number>_<name>.py` with a class `Migration`; the number is a custom, and every module runs whose name
 * does not begin with `_` or `~` (`load_disk` in Django's loader.py). There is no text for the way back: every operation has its
 * own, but for `RunPython` and `RunSQL` without one.
 * Source: https://docs.djangoproject.com/en/stable/topics/migrations/ and ref/migration-operations/#runsql.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import { targetOf } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const PATH = /(?:^|\/)migrations\/([^_~./][^./]*)\.py$/;

/** A file with more is longer than anybody writes; the first ones are looked at. */
const MAX_OPERATIONS = 100;

/** From the name of an operation to the bracket that closes it. */
function operations(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`\\b${name}\\(`, 'g'))].slice(0, MAX_OPERATIONS).map(({ index }) => {
    let depth = 0;
    for (let at = index; at < text.length; at += 1) {
      if (text[at] === '(') depth += 1;
      if (text[at] === ')' && (depth -= 1) === 0) return text.slice(index, at);
    }
    return text.slice(index);
  });
}

function oneWayOf(text: string): string | null {
  const withoutSecond = (call: string): boolean =>
    !/,\s*(?!(?:atomic|hints|elidable|state_operations)\s*=)\S/.test(call);
  if (operations(text, 'RunPython').some((call) => withoutSecond(call) && !call.includes('reverse_code')))
    return 'RunPython has no `reverse_code`';
  if (
    operations(text, 'RunSQL').some(
      (call) => !/reverse_sql|(?:"""|'''|["']|\w|\])\s*,\s*(?:r?["']|\w+_sql\b|\[)/.test(call),
    )
  )
    return 'RunSQL has no `reverse_sql`';
  return null;
}

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const id = PATH.exec(path)?.[1];
  if (id === undefined || !/\bmigrations\.Migration\b|class Migration\b/.test(text)) return [];
  const oneWay = oneWayOf(text);
  const step = { kind: 'code', path, text } as const;
  const series = directoryOf(path);
  const down = oneWay === null ? step : null;
  return [{ tool: 'django', series, id, order: id, path, up: step, down, ...(oneWay === null ? {} : { oneWay }) }];
}

export const django: MigrationTool = {
  id: 'django',
  mayBe: (path) => PATH.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['django_migrations'],
  undo: ([first], previous) => {
    const app = nameOf(directoryOf(first?.series ?? 'APP'));
    return `python manage.py migrate ${app === '' ? 'APP' : shellWord(app)} ${targetOf(previous, 'zero')}`;
  },
  proposal: {
    up: 'python manage.py migrate',
    down: 'python manage.py migrate "$MIGRATION_APP" "${MIGRATION_TARGET:-zero}"',
  },
};
