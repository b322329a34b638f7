/** What a change does to the migrations of the base: adds, edits, removes, and puts in between. Pure. */
import { compareVersions } from './migration.ts';
import type { FoundMigration } from './migration.ts';

export interface SeriesChange {
  /** In the order they run. */
  readonly base: readonly FoundMigration[];
  readonly added: readonly FoundMigration[];
  /** Of the head; those that are run again whenever they change are not among them. */
  readonly edited: readonly FoundMigration[];
  /** Of the head, with what they were. */
  readonly again: readonly { readonly now: FoundMigration; readonly before: FoundMigration }[];
  /** Of the base. */
  readonly removed: readonly FoundMigration[];
  /** Of the added ones: a database that has the newest of the base never runs them, or runs them late. */
  readonly early: readonly FoundMigration[];
}

function sameStep(one: FoundMigration, other: FoundMigration): boolean {
  return one.up.kind === other.up.kind && one.up.text.trim() === other.up.text.trim();
}

/** Of the base: those that no other one of it comes after. */
function headsOf(base: readonly FoundMigration[]): ReadonlySet<string> {
  const before = new Set(base.flatMap(({ after = [] }) => after));
  return new Set(base.map(({ id }) => id).filter((id) => !before.has(id)));
}

interface BaseFacts {
  readonly known: ReadonlySet<string>;
  readonly heads: ReadonlySet<string>;
  readonly newest: FoundMigration | null;
}

/** By what it comes after, where the tool orders so; else by its name. */
function isEarly(one: FoundMigration, { known, heads, newest }: BaseFacts): boolean {
  if (known.size === 0 || one.repeatable === true) return false;
  if (one.after !== undefined) {
    return one.after.length === 0 || one.after.some((id) => known.has(id) && !heads.has(id));
  }
  return newest !== null && compareVersions(one.order, newest.order) <= 0;
}

export function compareSeries(base: readonly FoundMigration[], head: readonly FoundMigration[]): SeriesChange {
  const before = new Map(base.map((one) => [one.id, one]));
  const now = new Set(head.map(({ id }) => id));
  const moved = head.flatMap((one) => {
    const old = before.get(one.id);
    return old === undefined || sameStep(one, old) ? [] : [{ now: one, before: old }];
  });
  const added = head.filter(({ id }) => !before.has(id));
  const newest = base.findLast(({ repeatable }) => repeatable !== true) ?? null;
  const facts = { known: new Set(before.keys()), heads: headsOf(base), newest };
  return {
    base,
    added,
    edited: moved.filter((one) => one.now.repeatable !== true).map((one) => one.now),
    again: moved.filter((one) => one.now.repeatable === true),
    removed: base.filter(({ id }) => !now.has(id)),
    early: added.filter((one) => isEarly(one, facts)),
  };
}

export function touches({ added, edited, again, removed }: SeriesChange): boolean {
  return added.length + edited.length + again.length + removed.length > 0;
}
