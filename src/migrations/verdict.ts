/** What the answer of a trial means. Pure. */
import type { DatabaseKind, MigrationTrial } from '../core/migration.ts';
import type { PhaseAnswer, PhaseFailure, PhaseName } from './job-shape.ts';
import type { JobAnswer } from './job.ts';
import { hiddenIn, movesRowsAlone, reachOf } from './beyond.ts';
import type { MigrationStep } from './migration.ts';
import { compareSchemas } from './schema.ts';
import { readStatements } from './sql.ts';
import type { ChangedSeries } from './tree.ts';

export type Judged = Pick<MigrationTrial, 'outcome' | 'detail'>;

const MAX_MESSAGE = 300;

/** A line in which a program names its error, as runtimes print one: `Error: ...`, `psycopg.errors.X: ...`, `error: ...`. */
const NAMES_ERROR = /^\s*(?:[\w.:]*(?:Error|Exception)\b|error\b)[^:]*:\s*\S/i;

/** Of a database, all of it says what went wrong; of a command, the last line that names an error, else its end. */
function messageOf({ message, statement }: PhaseFailure): string {
  const line = statement === 0 ? message.split('\n').findLast((one) => NAMES_ERROR.test(one)) : undefined;
  const plain = (line ?? message).replaceAll(/\s+/g, ' ').trim();
  if (plain.length <= MAX_MESSAGE) return plain;
  return statement === 0 && line === undefined ? `…${plain.slice(-MAX_MESSAGE)}` : `${plain.slice(0, MAX_MESSAGE)}…`;
}

function stepOf(change: ChangedSeries | null, { id }: PhaseFailure, phase: PhaseName): MigrationStep | null {
  const found = [...(change?.added ?? []), ...(change?.again ?? []).map(({ now }) => now)].find((one) => one.id === id);
  return (phase === 'down' ? found?.down : found?.up) ?? null;
}

/** `db/0002.sql:3`, where it is known. */
function placeOf({ database, change = null }: TriedOn, failed: PhaseFailure, phase: PhaseName): string {
  const step = stepOf(change, failed, phase);
  if (step === null || step.kind !== 'sql') return '';
  const line = readStatements(step.text, database)[failed.statement - 1]?.line;
  return line === undefined ? ` (${step.path})` : ` (${step.path}:${line + step.line - 1})`;
}

const DOING: Readonly<Record<PhaseName, string>> = {
  base: 'the migrations of the base',
  up: 'up',
  down: 'its way down',
  again: 'up again, after down,',
};

/** Why a step that failed says nothing of the change: it wants more than the one database it is tried on. */
function beyondWords(
  change: ChangedSeries | null,
  { name, failed }: PhaseAnswer,
  database: DatabaseKind,
): string | null {
  const step = failed === null ? null : stepOf(change, failed, name);
  if (failed === null || step === null || step.kind !== 'sql') return null;
  const statement = readStatements(step.text, database)[failed.statement - 1];
  const words = statement === undefined ? null : reachOf(statement, database);
  if (words === null) return null;
  const place = placeOf({ database, change }, failed, name);
  return `${words}${place} reaches beyond the database it is tried on, which does not do it: ${messageOf(failed)}`;
}

function failedWords(on: TriedOn, { name, failed }: PhaseAnswer): string | null {
  if (failed === null) return null;
  const of = name === 'base' ? ` (${failed.id})` : placeOf(on, failed, name);
  return `${DOING[name]}${of} ended with: ${messageOf(failed)}`;
}

function different(database: DatabaseKind, wanted: string, found: string): string | null {
  const compared = compareSchemas(database, wanted, found);
  if (compared.same) return null;
  const parts = [
    ...(compared.missing.length === 0 ? [] : [`missing: ${compared.missing.join(' | ')}`]),
    ...(compared.extra.length === 0 ? [] : [`left over: ${compared.extra.join(' | ')}`]),
  ];
  return parts.join('; ');
}

function failureIn(phases: readonly PhaseAnswer[], { database, change = null }: TriedOn): Judged | null {
  for (const phase of phases) {
    const beyond = beyondWords(change, phase, database);
    if (beyond !== null) return { outcome: 'untried', detail: beyond };
    const words = failedWords({ database, change }, phase);
    // A base that does not run here says nothing of the change.
    if (words !== null) return { outcome: phase.name === 'base' ? 'untried' : 'failed', detail: words };
  }
  return null;
}

/** What was tried, and on what. `change`: absent where commands ran, which say nothing of single migrations. */
export interface TriedOn {
  readonly database: DatabaseKind;
  readonly change?: ChangedSeries | null;
}

/** What of the migrations is no part of the schemas that were compared; null: nothing is known to be. */
function notCompared(change: ChangedSeries | null, database: DatabaseKind): string | null {
  const fresh = [...(change?.added ?? []), ...(change?.again ?? []).map(({ now }) => now)];
  const rows = fresh.find(({ up }) => movesRowsAlone(up, database));
  if (rows !== undefined) return `${rows.id} changes rows alone`;
  const hidden = fresh
    .flatMap(({ up, down }) => [up, ...(down === null ? [] : [down])])
    .map((step) => hiddenIn(step, database))
    .find((words) => words !== null);
  return hidden === undefined ? null : `${hidden} is not part of the schema`;
}

function judgePhases(phases: readonly PhaseAnswer[], { database, change = null }: TriedOn): Judged {
  const schema = (name: PhaseName): string | undefined =>
    phases.find((phase) => phase.name === name && phase.failed === null)?.schema;
  const [base, up, down, again] = [schema('base'), schema('up'), schema('down'), schema('again')];
  // What down leaves behind is mostly why up fails after it.
  const left = base === undefined || down === undefined ? null : different(database, base, down);
  if (left !== null) return { outcome: 'changed', detail: `after down the schema is not what it was; ${left}` };
  const failure = failureIn(phases, { database, change });
  if (failure !== null) return failure;
  if (base === undefined || up === undefined) return { outcome: 'untried', detail: 'not every phase was tried' };
  if (down === undefined || again === undefined)
    return { outcome: 'no-down', detail: 'up works, and there is no way down' };
  const other = different(database, up, again);
  if (other !== null) return { outcome: 'changed', detail: `up again makes another schema than up did; ${other}` };
  const compared = compareSchemas(database, base, down);
  const moved = compared.same && compared.columnsMoved ? ', but for the order of columns' : '';
  const still = different(database, base, up) === null;
  const gap = still ? 'up leaves the schema as it is' : notCompared(change, database);
  if (gap !== null)
    return {
      outcome: 'unproven',
      detail: `${gap}: up, down and up again work, and what they do there is not compared`,
    };
  return { outcome: 'returned', detail: `down brought the schema back${moved}, and up again works` };
}

export function judgeAnswer(answer: JobAnswer, on: TriedOn): Judged {
  return answer.kind === 'none' ? { outcome: 'untried', detail: answer.reason } : judgePhases(answer.phases, on);
}

/** The schema of the base, from a database of its own; and what the change did on another. */
export function judgeTwo(base: JobAnswer, head: JobAnswer, database: DatabaseKind): Judged {
  if (base.kind === 'none') return judgeAnswer(base, { database });
  return head.kind === 'none'
    ? judgeAnswer(head, { database })
    : judgePhases([...base.phases, ...head.phases], { database });
}
