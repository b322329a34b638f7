/**
 * `<time>_<name>.js` whose `up` and `down` get `pgm`, or `.sql` with `-- Up Migration` and `-- Down Migration`. PostgreSQL only.
 * Source: https://salsita.github.io/node-pg-migrate/migrations/ and `sqlMigration.ts` of its sources.
 */
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { scriptMigration } from '../code.ts';
import type { MigrationPlace } from '../code.ts';
import { downStep, sectionOf, sqlStep } from '../migration.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const UP = /^\s*--[\s-]*up\s+migration/i;
const DOWN = /^\s*--[\s-]*down\s+migration/i;

function placeOf(path: string): MigrationPlace {
  const id = nameOf(path).replace(/\.\w+$/, '');
  return { tool: 'node-pg-migrate', series: directoryOf(path), id, order: id, path };
}

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  if (path.endsWith('.sql')) {
    const up = sectionOf(text, UP, DOWN);
    if (up === null) return [];
    const down = sectionOf(text, DOWN, UP);
    return [
      {
        ...placeOf(path),
        up: sqlStep(path, up.text, { line: up.line }),
        down: down === null ? null : downStep(sqlStep(path, down.text, { line: down.line })),
      },
    ];
  }
  return /\bpgm\b|node-pg-migrate/.test(text) ? scriptMigration(placeOf(path), text) : [];
}

export const nodePgMigrate: MigrationTool = {
  id: 'node-pg-migrate',
  mayBe: (path) => /(?:^|\/)migrations?\/[^/]+\.(?:[cm]?[jt]s|sql)$/.test(path),
  read: (files) => files.flatMap(migrationOf),
  database: 'postgresql',
  bookkeeping: ['pgmigrations'],
  undo: (migrations) => `npx node-pg-migrate down ${migrations.length}`,
  proposal: { up: 'npx node-pg-migrate up', down: 'npx node-pg-migrate down "$MIGRATION_COUNT"' },
};
