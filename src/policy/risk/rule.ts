/** The form of a rule on what a diff does. Every rule is pure and takes time linear in the diff. */
import type { DiffLine } from '../../core/risk.ts';

/** The lines that really changed: what is in the file before and after is left out, wherever it stands. */
export interface ReadFile {
  readonly path: string;
  readonly added: readonly DiffLine[];
  readonly removed: readonly DiffLine[];
}

export interface SeenLine {
  readonly side: 'added' | 'removed';
  readonly line: number;
  /** What to show of it; null where it must not be repeated. */
  readonly text: string | null;
}

export interface DiffRule {
  readonly zone: string;
  readonly id: string;
  /** What the change does, after the place: `adds SQL that changes a schema`. */
  readonly what: string;
  find(file: ReadFile): readonly SeenLine[];
}

type Side = SeenLine['side'] | 'either';

export interface LineRule {
  readonly zone: string;
  readonly id: string;
  readonly what: string;
  readonly side: Side;
  /** No flag `g`; no part that can match the same text in several ways. */
  readonly pattern: RegExp;
  /** Only files whose path this matches. */
  readonly only?: RegExp;
  /** Not files whose path this matches. */
  readonly not?: RegExp;
  /** The line must not be shown. */
  readonly hide?: boolean;
}

/** A rule that looks at each line alone. */
export function lineRule({ zone, id, what, side, pattern, only, not, hide = false }: LineRule): DiffRule {
  const seen = (on: SeenLine['side'], lines: readonly DiffLine[]): readonly SeenLine[] =>
    side === 'either' || side === on
      ? lines
          .filter(({ text }) => pattern.test(text))
          .map(({ line, text }) => ({ side: on, line, text: hide ? null : text }))
      : [];
  return {
    zone,
    id,
    what,
    find: ({ path, added, removed }) =>
      (only !== undefined && !only.test(path)) || (not !== undefined && not.test(path))
        ? []
        : [...seen('added', added), ...seen('removed', removed)],
  };
}

/** Prose: a statement in it does nothing. */
export const PROSE: RegExp = /\.(?:md|mdx|markdown|rst|adoc|txt)$/i;

/**
 * Prose, and tests by their names. Narrower than the files `protect` covers: here, a file taken for a test by mistake is
 * not looked at, and an edit of an existing test is held anyway.
 */
export const PROSE_OR_TEST: RegExp =
  /\.(?:md|mdx|markdown|rst|adoc|txt)$|\.(?:test|spec|stories|cy|e2e)\.\w+$|(?:^|\/)__tests__\/|(?:^|\/)test_[^/]*\.py$|_(?:test|spec)\.\w+$|^(?:tests?|spec|e2e)\//i;
