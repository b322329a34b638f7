/** What the migrations of a change say by themselves, before any is tried. A reader of contents, out of the mirror. */
import type { ContentSighting } from '../core/content-detectors.ts';
import type { DatabaseKind } from '../core/migration.ts';
import type { ContentReader } from '../ports/content.ts';
import { tooMany } from './bounds.ts';
import { lintCode } from './code-lint.ts';
import { dialectOf } from './dialect.ts';
import { lintSql } from './lint.ts';
import type { LintSighting } from './found.ts';
import type { FoundMigration, MigrationStep } from './migration.ts';
import { mayBeMigration } from './registry.ts';
import { readChangedSeries } from './tree.ts';
import { readStatements } from './sql.ts';
import type { AskedSql, SquawkAnswer } from './squawk.ts';
import type { ChangedSeries, Settings } from './tree.ts';

function sighting(
  detector: ContentSighting['detector'],
  path: string,
  message: string,
  line: number | null = null,
): ContentSighting {
  return { detector, path, side: 'added', line, message };
}

export function lintStep(step: MigrationStep, database: DatabaseKind | null): readonly LintSighting[] {
  if (step.kind === 'code') return lintCode(step.text, database);
  return lintSql(step.text, database).map((one) => ({ ...one, line: one.line + step.line - 1 }));
}

/** Lines of code count from its `up`, which is not the top of the file: they are not said. */
function linted({ up, path }: FoundMigration, database: DatabaseKind | null): readonly ContentSighting[] {
  return lintStep(up, database).map(({ detector, message, line }) =>
    sighting(detector, path, message, up.kind === 'sql' ? line : null),
  );
}

function oneWay({ down, path, oneWay: why }: FoundMigration): readonly ContentSighting[] {
  if (down !== null) return [];
  const reason = why === undefined ? '' : `: ${why}`;
  return [sighting('migration-irreversible', path, `has no way back${reason}`)];
}

function historyOf({ edited, removed, early, base }: ChangedSeries): readonly ContentSighting[] {
  const newest = base.findLast(({ repeatable }) => repeatable !== true)?.id ?? '';
  return [
    ...edited.map(({ path, id }) =>
      sighting(
        'migration-history',
        path,
        `edits the migration ${id}, which the base has: where it ran already, the edit never runs`,
      ),
    ),
    ...removed.map(({ path, id }) => ({
      ...sighting(
        'migration-history',
        path,
        `is the migration ${id} of the base, and is gone: databases that ran it keep what it did`,
      ),
      side: 'removed' as const,
    })),
    ...early.map(({ path, id }) =>
      sighting(
        'migration-history',
        path,
        `orders the new migration ${id} before ${newest}, the newest of the base: where that ran already, it is skipped or runs late`,
      ),
    ),
  ];
}

/** Another opinion on SQL for PostgreSQL; lines count within the text. */
export type SecondOpinion = (sql: AskedSql) => Promise<SquawkAnswer>;

/** Of a second opinion, only what the first says nothing of in the same statement. */
async function withSecond(
  one: FoundMigration,
  database: DatabaseKind | null,
  ask: SecondOpinion | null,
): Promise<readonly ContentSighting[]> {
  const seen = linted(one, database);
  const { up, path } = one;
  if (ask === null || up.kind !== 'sql' || database !== 'postgresql') return seen;
  const begins = readStatements(up.text).map(({ line }) => line + up.line - 1);
  const statementOf = (line: number): number => begins.findLast((begin) => begin <= line) ?? line;
  const known = new Set(seen.map(({ line }) => (line === null ? null : statementOf(line))));
  const { said, silent } = await ask(up);
  const more = said.map((other) => ({ ...other, line: other.line + up.line - 1 }));
  const added = more.filter(({ line }) => !known.has(statementOf(line)));
  const unsaid =
    silent === null ? [] : [sighting('migration-locks', path, `is not judged by squawk, which is here: ${silent}`)];
  return [...seen, ...added.map(({ detector, message, line }) => sighting(detector, path, message, line)), ...unsaid];
}

/** More are not shown to it: no change has that many to be read by a person. */
const MAX_ASKED = 20;

async function seenIn(
  change: ChangedSeries,
  { settings, policy }: { readonly settings: Settings; readonly policy: DatabaseKind | undefined },
  ask: SecondOpinion | null,
): Promise<readonly ContentSighting[]> {
  const { added, edited, again, removed, base, tool } = change;
  const dialect = dialectOf({ migrations: [...base, ...added], settings, policy });
  const database = dialect === 'other' ? null : dialect;
  const fresh = [...added, ...edited, ...again.map(({ now }) => now)];
  const said: ContentSighting[] = [];
  for (const [index, one] of fresh.entries()) {
    said.push(...(await withSecond(one, database, index < MAX_ASKED ? ask : null)));
  }
  return [
    ...[...fresh, ...removed].map(({ path }) => sighting('migration-untried', path, `is a migration (${tool})`)),
    ...historyOf(change),
    ...said,
    ...added.flatMap(oneWay),
  ];
}

function firstOf(series: readonly ChangedSeries[]): string {
  const [first] = series.flatMap(({ added, edited, removed }) => [...added, ...edited, ...removed]);
  return first?.path ?? '';
}

export function createMigrationReader(ask: SecondOpinion | null, policy?: DatabaseKind): ContentReader {
  return async ({ files, base, head }) => {
    const worth = files.some(({ path, previousPath }) => mayBeMigration(path) || mayBeMigration(previousPath ?? path));
    if (!worth) return [];
    const read = await readChangedSeries(base, head);
    if (read.kind === 'read') {
      const many = tooMany(read.series);
      if (many !== null) {
        // Nor is it read: that is said for whoever does not have migrations tried.
        const path = firstOf(read.series);
        return [sighting('migration-untried', path, many), sighting('migration-destructive', path, many)];
      }
      const seen: ContentSighting[] = [];
      for (const series of read.series) seen.push(...(await seenIn(series, { ...read, policy }, ask)));
      const unread = read.unread.map((path) =>
        sighting('migration-untried', path, 'looks like a migration, and is no regular file or too large to be read'),
      );
      const changed = new Set(files.map(({ path }) => path));
      const edited = read.unreadEarlier
        .filter((path) => changed.has(path))
        .map((path) =>
          sighting(
            'migration-history',
            path,
            'edits a migration of the base that is too large to be read, or no regular file',
          ),
        );
      return [...seen, ...unread, ...edited];
    }
    const [first] = files.filter(({ path }) => mayBeMigration(path));
    return [sighting('migration-untried', first?.path ?? '', `may be a migration, and was not read: ${read.reason}`)];
  };
}
