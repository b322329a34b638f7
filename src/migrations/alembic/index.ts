/**
 * `<versions>/<revision>_<slug>.py` with `revision`, `down_revision`, `upgrade()` and `downgrade()`. The order is the chain of
 * revisions; the name of the file says nothing.
 * Source: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script.
 */
import { directoryOf } from '../../core/detectors/paths.ts';
import { isEmptyPython, pythonFunction } from '../code.ts';
import { targetOf } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const REVISION = /^revision\s*(?::[^=\n]+)?=\s*['"]([^'"]+)['"]/m;
const AFTER = /^down_revision\s*(?::[^=\n]+)?=\s*([^\n]+)/m;

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const [revision, after] = [REVISION.exec(text)?.[1], AFTER.exec(text)?.[1]];
  if (revision === undefined || after === undefined) return [];
  const [up, down] = [pythonFunction(text, 'upgrade') ?? text, pythonFunction(text, 'downgrade')];
  const isEmpty = down !== null && isEmptyPython(down);
  return [
    {
      tool: 'alembic',
      series: directoryOf(path),
      id: revision,
      order: revision,
      path,
      up: { kind: 'code', path, text: up },
      down: down === null || isEmpty ? null : { kind: 'code', path, text: down },
      ...(isEmpty ? { oneWay: 'its `downgrade` does nothing' } : {}),
      after: [...after.matchAll(/['"]([^'"]+)['"]/g)].map(([, id = '']) => id),
    },
  ];
}

export const alembic: MigrationTool = {
  id: 'alembic',
  mayBe: (path) => /(?:^|\/)(?:versions|migrations|alembic)\/(?:[^/]+\/)*[^/]+\.py$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: ['alembic_version'],
  undo: (_migrations, previous) => `alembic downgrade ${targetOf(previous, 'base')}`,
  proposal: { up: 'alembic upgrade head', down: 'alembic downgrade "${MIGRATION_TARGET:-base}"' },
};
