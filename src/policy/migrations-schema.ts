/** The section `migrations`. */
import * as z from 'zod';
import { DATABASE_KINDS } from '../core/migration.ts';
import type { MigrationsSection } from './content.ts';
import { command } from './schema-forms.ts';

export const migrationsSchema: z.ZodType<MigrationsSection> = z
  .strictObject({
    database: z.enum(DATABASE_KINDS).optional().meta({
      description:
        'The database that migrations are for, and that one of a change is tried on: SQLite, or a PostgreSQL server that is started for it inside the sandbox.',
      preset: 'what the configuration of the tool says, else what only one of them understands',
    }),
    up: command(
      'Runs every migration that has not run yet, for tools whose migrations are code; at the root of a fresh checkout, with `DATABASE_URL` of a disposable database.',
    )
      .optional()
      .meta({ preset: 'none: such migrations are not tried', examples: ['python manage.py migrate'] }),
    down: command(
      'Takes the migrations of the change back: as many as `$MIGRATION_COUNT`, down to `$MIGRATION_TARGET` (empty: to nothing), of the app `$MIGRATION_APP`.',
    )
      .optional()
      .meta({
        preset: 'none: such migrations are not tried',
        examples: ['bin/rails db:rollback STEP="$MIGRATION_COUNT"'],
      }),
  })
  .meta({
    id: 'migrations',
    description: 'How the migrations of a change are tried: up, down and up again, on a disposable database.',
  });
