/**
 * Code of tools that have no folder here, in a directory of migrations: scripts with `up` and `down` (Kysely, MikroORM, Umzug,
 * migrate-mongo), classes of PHP (Laravel, Doctrine, Phinx), C# (Entity Framework) and modules of Elixir (Ecto). Enough is
 * known to say that it is one, and not how it is run. Sources: https://kysely.dev/docs/migrations,
 * https://github.com/seppevs/migrate-mongo, https://laravel.com/docs/migrations, https://hexdocs.pm/ecto_sql/Ecto.Migration.html,
 * https://learn.microsoft.com/ef/core/managing-schemas/migrations.
 */
import { scriptMigration } from '../code.ts';
import { directoryOf, nameOf } from '../../core/detectors/paths.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { FoundMigration, MigrationTool, TreeFile } from '../migration.ts';

const PATH = /(?:^|\/)(?:migrations?|migrate)\/(?:[^/]+\/)*[^/]+\.(?:[cm]?[jt]s|php|cs|exs)$/i;

/** What Entity Framework writes beside a migration, as large as the whole schema. */
const BESIDE = /(?:\.Designer|ModelSnapshot)\.cs$/;

/** What such a file says of itself, and where its way back is. */
const KINDS: readonly { readonly file: RegExp; readonly says: RegExp; readonly down: RegExp }[] = [
  {
    file: /\.php$/i,
    says: /\bextends\s+\\?(?:\w+\\)*(?:Abstract)?Migration\b/,
    down: /\bfunction\s+(?:down|change)\s*\(/,
  },
  { file: /\.cs$/i, says: /:\s*Migration\b/, down: /\bvoid\s+Down\s*\(/ },
  { file: /\.exs$/i, says: /\buse\s+Ecto\.Migration\b/, down: /\bdef\s+(?:down|change)\b/ },
];

function migrationOf({ path, text }: TreeFile): readonly FoundMigration[] {
  const id = nameOf(path);
  const place = { tool: 'plain-code' as const, series: directoryOf(path), id, order: id, path };
  const kind = KINDS.find(({ file }) => file.test(path));
  // A script says nothing else of itself: it has to have both ways.
  if (kind === undefined) return /\bdown\b/.test(text) ? scriptMigration(place, text) : [];
  if (!kind.says.test(text)) return [];
  const step = { kind: 'code', path, text } as const;
  return [{ ...place, up: step, down: kind.down.test(text) ? step : null }];
}

export const plainCode: MigrationTool = {
  id: 'plain-code',
  mayBe: (path) => PATH.test(path) && !BESIDE.test(path),
  read: (files) => files.flatMap(migrationOf),
  bookkeeping: [
    'kysely_migration',
    'kysely_migration_lock',
    'schema_migrations',
    '__EFMigrationsHistory',
    'migrations',
  ],
  // Which tool takes it back, a person knows; what it did is in the file.
  undo: (migrations) => migrations.map(({ path }) => `git show HEAD:${shellWord(path)}`).join(' && '),
};
