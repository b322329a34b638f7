/** What is known of the migrations of a change: who runs them, and what trying them on a disposable database showed. */

export const MIGRATION_TOOLS = [
  'drizzle',
  'prisma',
  'flyway',
  'liquibase',
  'goose',
  'dbmate',
  'node-pg-migrate',
  'golang-migrate',
  'rails',
  'alembic',
  'django',
  'typeorm',
  'sequelize',
  'knex',
  'plain-sql',
  'plain-code',
] as const;

export type MigrationToolId = (typeof MIGRATION_TOOLS)[number];

/** The databases that a migration can be tried on here. */
export const DATABASE_KINDS = ['sqlite', 'postgresql'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

/** How migrations are tried; all of it can be left out. */
export interface MigrationRules {
  /** The class is for migrations: a change without one that is known here waits for a person. */
  readonly required?: true;
  readonly database?: DatabaseKind;
  /** Shell command lines, for tools whose migrations are code. */
  readonly up?: string;
  readonly down?: string;
}

/**
 * `returned`: down brought the schema of the base back, and up again the same schema as before. `no-down`: up works, and
 * nothing takes it back. `changed`: down ran, and the schema is another one. `failed`: a step of the change ended with an
 * error. `unproven`: every step ran, and what they do is nothing that is compared, such as rows. `untried`: it could not be
 * tried; why is said.
 */
export type MigrationOutcome = 'returned' | 'changed' | 'no-down' | 'failed' | 'unproven' | 'untried';

/** The new migrations of one series (a directory, an app), tried together. */
export interface MigrationTrial {
  readonly tool: MigrationToolId;
  /** What the tool calls them, in the order they run; bounded by `MAX_LISTED`. */
  readonly ids: readonly string[];
  /** File of the first of them. */
  readonly path: string;
  /** null: unknown, or one that is not known here. */
  readonly database: DatabaseKind | null;
  readonly outcome: MigrationOutcome;
  /** One sentence without the place: what was seen. */
  readonly detail: string;
  /** For the undo plan: what a person types, and what is lost by it; empty where nothing is known to be. */
  readonly undo: { readonly command: string; readonly lost: readonly string[] };
}

const WORST_FIRST: readonly MigrationOutcome[] = ['failed', 'changed', 'untried', 'unproven', 'no-down', 'returned'];

/** At most so many, and of more those that speak against the change: the record has to hold what refuses it. */
export function worstTrials(trials: readonly MigrationTrial[], most: number): readonly MigrationTrial[] {
  if (trials.length <= most) return trials;
  const rank = ({ outcome }: MigrationTrial): number => WORST_FIRST.indexOf(outcome);
  return trials.toSorted((one, other) => rank(one) - rank(other)).slice(0, most);
}

/** What of the undo the trials showed. Absent in a rehearsal: the change has no migration. */
export type MigrationsReturned = 'yes' | 'no' | 'not-tried';

export function migrationsReturned(trials: readonly MigrationTrial[]): MigrationsReturned | null {
  if (trials.length === 0) return null;
  if (trials.some(({ outcome }) => outcome === 'changed' || outcome === 'no-down' || outcome === 'failed')) return 'no';
  return trials.every(({ outcome }) => outcome === 'returned') ? 'yes' : 'not-tried';
}

const MAX_NAMES = 3;

/** `prisma 0003_a, 0004_b`. */
export function trialName({ tool, ids }: Pick<MigrationTrial, 'tool' | 'ids'>): string {
  const shown = ids.slice(0, MAX_NAMES).join(', ');
  return `${tool} ${ids.length > MAX_NAMES ? `${shown} and ${ids.length - MAX_NAMES} more` : shown}`;
}
