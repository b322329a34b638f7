/**
 * Up, down, up: the migrations of the base, then those of the change, then back, then forward again, on a database that is
 * made for it in a sandbox. After each the schema is asked for and compared. What cannot be tried is never said to work.
 */
import { MAX_LISTED } from '../core/check.ts';
import type { DatabaseKind, MigrationTrial } from '../core/migration.ts';
import { directoryOf, nameOf } from '../core/detectors/paths.ts';
import type { MigrationBench, MigrationsToTry } from '../ports/migrations.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { BaseReader } from '../ports/workspace.ts';
import { dialectOf } from './dialect.ts';
import { runJob } from './job.ts';
import type { JobPhase, JobStep } from './job-shape.ts';
import type { JobAnswer } from './job.ts';
import { rolesNamed } from './beyond.ts';
import { tooMany } from './bounds.ts';
import { shellWord } from '../core/shell-word.ts';
import type { FoundMigration, MigrationStep } from './migration.ts';
import { lintStep } from './reader.ts';
import { toolOf } from './registry.ts';
import { readStatements } from './sql.ts';
import { readChangedSeries } from './tree.ts';
import type { ChangedSeries, MigrationTree, ReadChange } from './tree.ts';
import { judgeAnswer, judgeTwo } from './verdict.ts';
import type { Judged } from './verdict.ts';

function treeOf(reader: BaseReader): MigrationTree {
  return { paths: () => reader.listFiles(), readAll: (paths) => reader.readAll(paths) };
}

/** All that is new, in the order it runs. */
function fresh({ added, again }: ChangedSeries): readonly FoundMigration[] {
  return [...added, ...again.map(({ now }) => now)];
}

function stepsOf(steps: readonly (readonly [string, MigrationStep])[], database: DatabaseKind): readonly JobStep[] {
  return steps.flatMap(([id, step]) => {
    if (step.kind !== 'sql') return [];
    const statements = readStatements(step.text, database).map(({ text }) => text);
    return [{ id, statements, transaction: step.transaction }];
  });
}

/** Back in the other direction; what is run again whenever it changes goes back to what it was. null: some cannot. */
function downsOf({ added, again }: ChangedSeries): readonly (readonly [string, MigrationStep])[] | null {
  const back = [
    ...added.map(({ id, down }) => [id, down] as const),
    ...again.map(({ now, before }) => [now.id, before.up] as const),
  ].toReversed();
  const known = back.flatMap(([id, step]) => (step === null ? [] : [[id, step] as const]));
  return known.length === back.length ? known : null;
}

function phasesOf(change: ChangedSeries, database: DatabaseKind): readonly JobPhase[] {
  const steps = (some: readonly FoundMigration[]): readonly JobStep[] =>
    stepsOf(
      some.map((one) => [one.id, one.up]),
      database,
    );
  const up = steps(fresh(change));
  const down = downsOf(change);
  const first: readonly JobPhase[] = [
    { name: 'base', steps: steps(change.base) },
    { name: 'up', steps: up },
  ];
  return down === null
    ? first
    : [...first, { name: 'down', steps: stepsOf(down, database) }, { name: 'again', steps: up }];
}

/** What a person has to know before going down: what down deletes, and what up already did. */
function lostBy(change: ChangedSeries, database: DatabaseKind | null): readonly string[] {
  const lost = (step: MigrationStep | null): readonly string[] =>
    step === null ? [] : lintStep(step, database).flatMap((one) => one.lost ?? []);
  const byDown = change.added.flatMap(({ down, up }) => (down?.text === up.text ? [] : lost(down)));
  const byUp = fresh(change).flatMap(({ up }) => lost(up).map((what) => `${what} (gone since up, not brought back)`));
  return [...new Set([...byDown, ...byUp])].slice(0, MAX_LISTED);
}

function previousOf({ base, removed }: ChangedSeries): FoundMigration | null {
  const gone = new Set(removed.map(({ id }) => id));
  return base.findLast(({ id, repeatable }) => repeatable !== true && !gone.has(id)) ?? null;
}

function trialOf(change: ChangedSeries, database: DatabaseKind | null, judged: Judged): MigrationTrial {
  const { tool, edited, removed, series } = change;
  const shown = fresh(change).length > 0 ? fresh(change) : [...edited, ...removed];
  return {
    tool,
    ids: shown.map(({ id }) => id).slice(0, MAX_LISTED),
    path: shown[0]?.path ?? series,
    database,
    ...judged,
    undo: { command: toolOf(tool).undo(shown, previousOf(change)), lost: lostBy(change, database) },
  };
}

const untried = (detail: string): Judged => ({ outcome: 'untried', detail });

/** Of a command, as many characters are shown. */
const MAX_COMMAND = 80;

/** Tools that fill something in before they send SQL: https://documentation.red-gate.com/flyway, `${...}` in all three. */
const FILLS_IN: ReadonlySet<string> = new Set(['flyway', 'liquibase', 'goose']);

function stepsIn({ base, added, again }: ChangedSeries): readonly MigrationStep[] {
  return [...base, ...added, ...again.map(({ now }) => now)].flatMap(({ up, down }) => [up, down ?? up]);
}

/** Whether the text is what the database gets: else only the tool can run it. */
function isSql(change: ChangedSeries): boolean {
  const { tool } = change;
  return stepsIn(change).every(
    ({ kind, text }) => kind === 'sql' && !(FILLS_IN.has(tool) && /\$\{[\w.:-]+\}/.test(text)),
  );
}

/** A command of a client in one of the steps, which the database does not understand; null: there is none. */
function clientCommand(change: ChangedSeries, database: DatabaseKind): string | null {
  const statements = stepsIn(change).flatMap(({ kind, text }) =>
    kind === 'sql' ? readStatements(text, database) : [],
  );
  return statements.find(({ tokens }) => tokens[0]?.kind === 'command')?.text.slice(0, MAX_COMMAND) ?? null;
}

/** Why a series can not be tried, whatever it holds; null: it can. */
function obstacle(change: ChangedSeries, dialect: ReturnType<typeof dialectOf>): string | null {
  const moved = [...change.edited, ...change.removed].map(({ id }) => id);
  if (moved.length > 0)
    return `migrations of the base were edited or removed (${moved.slice(0, 3).join(', ')}), and what a database that ran them does then is not known`;
  const [unread] = change.unread;
  if (unread !== undefined) return `${unread} is no regular file, or too large to be read`;
  if (dialect === 'other') return 'it is for a database that is not tried here: SQLite and PostgreSQL are';
  if (dialect === null)
    return 'nothing says whether it is for SQLite or PostgreSQL: say it as `migrations.database` in the policy';
  const command = clientCommand(change, dialect);
  return command === null ? null : `only a client of the database understands \`${command}\`, and none is used here`;
}

function withoutCommands({ tool, base, added }: ChangedSeries): string {
  const { proposal } = toolOf(tool);
  const example = proposal === undefined ? '' : `, such as \`${proposal.up}\` and \`${proposal.down}\``;
  const hasCode = [...base, ...added].some(({ up, down }) => up.kind === 'code' || down?.kind === 'code');
  const why = hasCode ? 'its migrations are code, or some of them are' : 'only the tool can fill in its placeholders';
  return `${why}: give \`migrations.up\` and \`migrations.down\` in the policy${example}`;
}

type Answer = (job: {
  readonly database: DatabaseKind;
  readonly tool: FoundMigration['tool'];
  readonly phases: readonly JobPhase[];
  readonly roles?: readonly string[];
  readonly of?: 'base' | 'head';
}) => Promise<JobAnswer>;

/** In the environment of a command: how far, and for which app. */
function variablesOf(change: ChangedSeries): Readonly<Record<string, string>> {
  return {
    MIGRATION_COUNT: String(fresh(change).length),
    MIGRATION_TARGET: previousOf(change)?.id ?? '',
    MIGRATION_APP: nameOf(directoryOf(change.series)),
  };
}

/** All series that are code, together: a command goes up with all of them. */
async function tryCommands(
  changes: readonly ChangedSeries[],
  { up, down, database }: { readonly up: string; readonly down: string; readonly database: DatabaseKind },
  answer: Answer,
): Promise<Judged> {
  const [first] = changes;
  if (first === undefined) return untried('there is nothing to try');
  const { tool } = first;
  const going = (name: 'base' | 'up' | 'again'): JobPhase => ({
    name,
    steps: [{ id: 'up', command: up, env: variablesOf(first) }],
  });
  const back = changes.toReversed().map((change) => ({ id: 'down', command: down, env: variablesOf(change) }));
  const base = await answer({ database, tool, phases: [going('base')], of: 'base' });
  if (base.kind === 'none' || base.phases[0]?.failed != null) return judgeAnswer(base, { database });
  const hasDown = changes.every(({ added }) => added.every((one) => one.down !== null));
  const phases = hasDown ? [going('up'), { name: 'down' as const, steps: back }, going('again')] : [going('up')];
  return judgeTwo(base, await answer({ database, tool, phases, of: 'head' }), database);
}

async function tryAll(
  { series, settings }: Extract<ReadChange, { kind: 'read' }>,
  { migrations: rules = {} }: MigrationsToTry['policy'],
  answer: Answer,
): Promise<readonly MigrationTrial[]> {
  const many = tooMany(series);
  if (many !== null) return series.slice(0, MAX_LISTED).map((change) => trialOf(change, null, untried(many)));
  const trials: MigrationTrial[] = [];
  const code: { readonly change: ChangedSeries; readonly database: DatabaseKind }[] = [];
  for (const change of series) {
    const migrations = [...change.base, ...change.added];
    const dialect = dialectOf({ migrations, settings, policy: rules.database });
    const database = dialect === 'other' ? null : dialect;
    const why = obstacle(change, dialect);
    if (why !== null || database === null) trials.push(trialOf(change, database, untried(why ?? '')));
    else if (isSql(change)) {
      const roles = rolesNamed(stepsIn(change));
      const told = await answer({ database, tool: change.tool, phases: phasesOf(change, database), roles });
      trials.push(trialOf(change, database, judgeAnswer(told, { database, change })));
    } else code.push({ change, database });
  }
  const [first] = code;
  if (first === undefined) return trials;
  const { up, down } = rules;
  const changes = code.map(({ change }) => change);
  const judged =
    up === undefined || down === undefined
      ? null
      : await tryCommands(changes, { up, down, database: first.database }, answer);
  return [
    ...trials,
    ...code.map(({ change, database }) => trialOf(change, database, judged ?? untried(withoutCommands(change)))),
  ];
}

/** What nobody read may hold anything. */
function unreadTrial(path: string, reason: string): MigrationTrial {
  const undo = { command: `git show HEAD:${shellWord(path)}`, lost: [] };
  return { tool: 'plain-sql', ids: [nameOf(path)], path, database: null, ...untried(reason), undo };
}

export function createMigrationBench(sandbox: Sandbox): MigrationBench {
  return {
    run: async (wanted) => {
      const { base, head, policy, signal } = wanted;
      const read = await readChangedSeries(treeOf(base), treeOf(head));
      if (read.kind === 'unread') return [unreadTrial('', read.reason)];
      const unread = read.unread.map((path) => unreadTrial(path, 'it is no regular file, or too large to be read'));
      const { environment, resources } = policy;
      const tried = await tryAll(read, policy, async ({ database, tool, phases, roles = [], of }) => {
        const { bookkeeping } = toolOf(tool);
        const job = { database, bookkeeping, roles, phases, env: of === undefined ? {} : environment, resources };
        if (of === undefined) return runJob(sandbox, job, signal);
        const made = await wanted.checkout(of);
        try {
          return await runJob(sandbox, { ...job, place: { mounts: made.mounts, cwd: made.workspacePath } }, signal);
        } finally {
          await made.dispose();
        }
      });
      return [...tried, ...unread];
    },
  };
}
