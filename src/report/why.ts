/**
 * Why each part of a change is there: the iteration that wrote it, and what turned green in that iteration.
 *
 * The diff of every iteration is against the same base, so the numbers of the base's lines name a place in all of them. A
 * line belongs to the iteration since which it was there without a break: what was taken back and made again was made again.
 */
import type { CheckResult } from '../core/check.ts';
import type { Iteration, RunState } from '../core/state.ts';
import { readDiff } from './diff.ts';
import type { DiffFile } from './diff.ts';

/** A check, and what of it moved against the judged iteration before, or against the base. */
export interface TurnedCheck {
  readonly checkId: string;
  /** Ids of tests; the id of the check itself where its report names none. */
  readonly green: readonly string[];
  readonly red: readonly string[];
}

export interface TurnedIteration {
  readonly iteration: number;
  /** null where no check ran, so nothing is known. */
  readonly checks: readonly TurnedCheck[] | null;
}

export interface TracedHunk {
  readonly path: string;
  /** `@@ -1,2 +1,3 @@` and what stands behind it; null for what has no lines: modes, renames, binary files. */
  readonly head: string | null;
  readonly addedLines: number;
  readonly removedLines: number;
  /** The iteration since which all of it is there. */
  readonly iteration: number;
  /** All iterations that some of its lines come from, in order; the last is `iteration`. */
  readonly from: readonly number[];
}

export interface Why {
  /** Whose change is traced. */
  readonly iteration: number;
  readonly hunks: readonly TracedHunk[];
  /** One for each iteration that a hunk names. */
  readonly turned: readonly TurnedIteration[];
  /** Iterations whose diff is not there any more: what they wrote counts for the next one. */
  readonly unread: readonly number[];
}

interface Piece extends Omit<TracedHunk, 'path' | 'iteration' | 'from'> {
  /** Names of its changed lines, equal in every diff that has them. */
  readonly lines: readonly string[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? /;

/** An empty range names the line before it. */
function firstLine(head: string): number {
  const [, start = '0', length] = HUNK.exec(head) ?? [];
  return length === '0' ? Number(start) + 1 : Number(start);
}

/** One file of a diff, piece by piece. */
function piecesOf({ name, lines }: DiffFile): readonly Piece[] {
  const pieces: { head: string; addedLines: number; removedLines: number; lines: string[] }[] = [];
  let base = 0;
  const seen = new Map<string, number>();
  for (const { kind, text } of lines) {
    const piece = pieces.at(-1);
    if (kind === 'hunk') {
      base = firstLine(text);
      pieces.push({ head: text, addedLines: 0, removedLines: 0, lines: [] });
    } else if (piece !== undefined && kind === 'removed') {
      piece.lines.push(JSON.stringify([name, base]));
      piece.removedLines += 1;
      base += 1;
    } else if (piece !== undefined && kind === 'added') {
      // Equal lines at one place are told apart by their order.
      const line = JSON.stringify([name, base, text]);
      const times = seen.get(line) ?? 0;
      seen.set(line, times + 1);
      piece.lines.push(times === 0 ? line : JSON.stringify([name, base, text, times]));
      piece.addedLines += 1;
    } else if (piece !== undefined && !text.startsWith('\\')) base += 1;
  }
  if (pieces.length > 0) return pieces;
  const headers = JSON.stringify([name, ...lines.map(({ text }) => text)]);
  return [{ head: null, addedLines: 0, removedLines: 0, lines: [headers] }];
}

interface ReadIteration {
  readonly number: number;
  readonly lines: ReadonlySet<string>;
}

/** Since when each of these lines is there, looking back from the newest of `before`. */
function sinceOf(line: string, iteration: number, before: readonly ReadIteration[]): number {
  let since = iteration;
  for (const one of before.toReversed()) {
    if (!one.lines.has(line)) return since;
    since = one.number;
  }
  return since;
}

function turnedCheck(now: CheckResult, before: CheckResult | undefined): TurnedCheck {
  const red = new Set(now.failing);
  const gone = new Set([...now.missing, ...now.newlySkipped]);
  const wasRed = before?.failing ?? [];
  return {
    checkId: now.checkId,
    green: wasRed.filter((test) => !red.has(test) && !gone.has(test)),
    red: now.failing.filter((test) => !wasRed.includes(test)),
  };
}

function turnedIn(state: RunState, { number, checks }: Iteration): TurnedIteration {
  if (checks.length === 0) return { iteration: number, checks: null };
  const earlier = state.iterations.filter((one) => one.number < number && one.checks.length > 0).at(-1);
  const before = earlier?.checks ?? state.baseline;
  const moved = checks.map((now) =>
    turnedCheck(
      now,
      before.find(({ checkId }) => checkId === now.checkId),
    ),
  );
  return { iteration: number, checks: moved.filter(({ green, red }) => green.length > 0 || red.length > 0) };
}

/**
 * Traces the change of an iteration. `blob` gives the text of a payload, null where it is gone; so is the result where the
 * iteration has no change, or its diff is gone.
 */
export function whyOf(state: RunState, iteration: number, blob: (hash: string) => string | null): Why | null {
  const collected = state.iterations.flatMap((one) =>
    one.change === null || one.number > iteration ? [] : [{ one, diff: blob(one.change.diff) }],
  );
  const last = collected.at(-1);
  if (last === undefined || last.one.number !== iteration || last.diff === null) return null;
  const before = collected.slice(0, -1).flatMap(({ one, diff }): ReadIteration[] => {
    if (diff === null) return [];
    return [
      {
        number: one.number,
        lines: new Set(
          readDiff(diff)
            .flatMap(piecesOf)
            .flatMap(({ lines }) => lines),
        ),
      },
    ];
  });
  const hunks = readDiff(last.diff).flatMap((file) =>
    piecesOf(file).map(({ lines, ...piece }): TracedHunk => {
      const from = [...new Set(lines.map((line) => sinceOf(line, iteration, before)))].toSorted((a, b) => a - b);
      return { path: file.name, ...piece, iteration: from.at(-1) ?? iteration, from };
    }),
  );
  const named = new Set(hunks.flatMap(({ from }) => from));
  return {
    iteration,
    hunks,
    turned: state.iterations.filter(({ number }) => named.has(number)).map((one) => turnedIn(state, one)),
    unread: collected.filter(({ diff }) => diff === null).map(({ one }) => one.number),
  };
}
