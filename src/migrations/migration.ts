/** What a tool is asked, and what it answers: which files are migrations, in which order, and how each goes back. */
import { shellWord } from '../core/shell-word.ts';
import type { DatabaseKind, MigrationToolId } from '../core/migration.ts';
import { readStatements } from './sql.ts';

export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

export type MigrationStep =
  | {
      readonly kind: 'sql';
      readonly path: string;
      readonly text: string;
      /** Of the first line of `text` in the file, from 1. */
      readonly line: number;
      /** Whether the tool runs it as one transaction. */
      readonly transaction: boolean;
    }
  | { readonly kind: 'code'; readonly path: string; readonly text: string };

export interface FoundMigration {
  readonly tool: MigrationToolId;
  /** Those of one series run one after the other: mostly a directory. */
  readonly series: string;
  /** What the tool remembers it by; unique in its series. */
  readonly id: string;
  /** What it is sorted by, with `compareVersions`. */
  readonly order: string;
  readonly path: string;
  readonly up: MigrationStep;
  /** null: there is no way back. */
  readonly down: MigrationStep | null;
  /** Why there is no way back, or why it is none, where more can be said than that there is none. */
  readonly oneWay?: string;
  /** Run again whenever it changes, after all others. */
  readonly repeatable?: true;
  /** For tools that order by it and not by name: the ids it comes after. */
  readonly after?: readonly string[];
}

export interface MigrationTool {
  readonly id: MigrationToolId;
  /** By path alone, and generous: whether the file is worth reading. */
  mayBe(path: string): boolean;
  /** Pure. Of files that may be its own, and of which no tool before it made anything. */
  read(files: readonly TreeFile[]): readonly FoundMigration[];
  /** What the files say of the database, as far as only this tool knows it. */
  readonly database?: DatabaseKind;
  /** Tables in which the tool keeps what it ran. */
  readonly bookkeeping: readonly string[];
  /** Command line that takes the migrations back, for a person. `previous`: the newest that stays, or null. */
  undo(migrations: readonly FoundMigration[], previous: FoundMigration | null): string;
  /** For `migrations.up` and `migrations.down`, where migrations are code and the tool can be told a target. */
  readonly proposal?: { readonly up: string; readonly down: string };
}

/** Runs of digits by their value, the rest by its characters: `V2` before `V10`, `0009_a` before `0010_b`. */
export function compareVersions(one: string, other: string): number {
  const parts = (text: string): readonly string[] => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(one), parts(other)];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const [a = '', b = ''] = [left[index], right[index]];
    const areNumbers = /^\d/.test(a) && /^\d/.test(b);
    const [x, y] = areNumbers ? [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')] : [a, b];
    if (areNumbers && x.length !== y.length) return x.length - y.length;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** Statements that PostgreSQL refuses inside a transaction, or that make one of their own. */
const ALONE: ReadonlySet<string> = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'VACUUM']);

/** Whether a tool that sends a file as it is would have it run as one transaction. */
export function canBeOneTransaction(text: string): boolean {
  return readStatements(text).every(
    ({ tokens }) =>
      !ALONE.has(tokens[0]?.value ?? '') &&
      !tokens.some(({ kind, value }) => kind === 'word' && value === 'CONCURRENTLY'),
  );
}

export function sqlStep(
  path: string,
  text: string,
  more: { line?: number; transaction?: boolean } = {},
): MigrationStep {
  const { line = 1, transaction = canBeOneTransaction(text) } = more;
  return { kind: 'sql', path, text, line, transaction };
}

/** A way back that says nothing is none. */
export function downStep(step: MigrationStep): MigrationStep | null {
  return step.kind === 'sql' && readStatements(step.text).length === 0 ? null : step;
}

export interface Section {
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/** The lines behind the first one that matches, up to the next that matches `end`. */
export function sectionOf(text: string, begin: RegExp, end: RegExp): Section | null {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => begin.test(line));
  if (at < 0) return null;
  const rest = lines.slice(at + 1);
  const stop = rest.findIndex((line) => end.test(line));
  return { text: (stop < 0 ? rest : rest.slice(0, stop)).join('\n'), line: at + 2 };
}

/** The newest of the ids a person has to name, for tools that go down to a target. */
export function targetOf(previous: FoundMigration | null, none: string): string {
  return previous === null ? none : shellWord(previous.id);
}
