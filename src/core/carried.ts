/**
 * What one turn is told of the turns before it: facts from checks, what was tried, limits that are near. Small, each with the
 * iteration and the source it rests on, newest first. What an agent says about its own work is never among it: a note that
 * nobody measured outlives the fact it was about, and a loop then works on what is no longer so.
 */
import { consumptionBreaches, LIMIT_NAMES, limitWords, sizeBreaches } from './limit.ts';
import type { Limits } from './limit.ts';
import { fullIterations } from './state.ts';
import type { Iteration, RunState } from './state.ts';
import { testHistory } from './test-history.ts';
import type { MarkedTest } from './test-history.ts';

export type CarriedKind = 'red' | 'came-back' | 'fixed' | 'tried' | 'limit';

export interface CarriedNote {
  readonly kind: CarriedKind;
  /** Test id, number of an iteration, or name of a limit. */
  readonly subject: string;
  readonly text: string;
  /** The newest iteration whose results it rests on; 0 is the base. */
  readonly iteration: number;
  /** Id of the check that showed it; `tree` or `limits` for what no check shows. */
  readonly source: string;
}

export interface DroppedNote {
  readonly note: CarriedNote;
  readonly reason: string;
}

export interface Carried {
  readonly notes: readonly CarriedNote[];
  /** What the turn before was told and this one is not. */
  readonly dropped: readonly DroppedNote[];
  /** Notes that would be true and have no room. */
  readonly left: number;
}

/** Ceilings: one page, whatever the history. Starting points, not measurements. */
export const MAX_CARRIED_BYTES = 4_096;
const MAX_FACTS = 20;
const MAX_TRIED = 5;
const MAX_DROPPED = 10;
const MAX_SUBJECT = 160;
const MAX_NAMES = 4;

/** A fact that no result has spoken of for this many iterations is too old to be told. */
const STALE_ITERATIONS = 3;

/** Part of a limit from which it is told, as with detectors. */
const NEAR = 2 / 3;

function clipped(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= MAX_SUBJECT ? line : `${line.slice(0, MAX_SUBJECT)} [...]`;
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(clipped).join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}

function when(iteration: number): string {
  return iteration === 0 ? 'on the base' : `in iteration ${iteration}`;
}

/** Two marks are told, however often a test went back and forth. */
function factOf({ checkId, test, marks, known }: MarkedTest, newest: number): CarriedNote | null {
  const last = marks.at(-1);
  if (last === undefined || last.mark === 'absent' || newest - known >= STALE_ITERATIONS) return null;
  const note = { subject: test, iteration: known, source: checkId };
  const name = clipped(test);
  const before = marks.at(-2);
  if (last.mark === 'green') {
    const text = `${name} failed until iteration ${last.iteration} and does not since: keep it so`;
    return { ...note, kind: 'fixed', text };
  }
  const fixed = before?.mark === 'green' ? before : undefined;
  if (fixed !== undefined) {
    const text = `${name} did not fail any more ${when(fixed.iteration)} and came back ${when(last.iteration)}`;
    return { ...note, kind: 'came-back', text };
  }
  // What failed for the first time just now stands among the newest results, with its message.
  if (last.iteration >= newest || newest < 2) return null;
  return {
    ...note,
    kind: 'red',
    text: `${name} fails since ${last.iteration === 0 ? 'the base' : `iteration ${last.iteration}`}`,
  };
}

/** The test moved in that iteration, and stands so still: what the newest results contradict is no result of a try. */
function movedIn(history: readonly MarkedTest[], iteration: number, mark: 'red' | 'green'): readonly string[] {
  return history
    .filter(({ marks }) => marks.at(-1)?.iteration === iteration && marks.at(-1)?.mark === mark)
    .map(({ test }) => test);
}

function triedOf(iteration: Iteration, earlier: readonly Iteration[], history: readonly MarkedTest[]): CarriedNote {
  const { number, change, verdict } = iteration;
  const same = earlier.find((other) => other.change !== null && other.change.tree === change?.tree);
  const files = change?.files.map(({ path }) => path) ?? [];
  const held =
    change === null || change.fileCount === 0
      ? 'nothing was changed'
      : `the change held ${some(files)} (+${change.addedLines} -${change.removedLines} lines)`;
  const red = movedIn(history, number, 'red');
  const green = movedIn(history, number, 'green');
  const parts = [
    held,
    ...(same === undefined ? [] : [`the same tree as in iteration ${same.number}`]),
    ...(green.length === 0 ? [] : [`no longer failing since: ${some(green)}`]),
    ...(red.length === 0 ? [] : [`failing since: ${some(red)}`]),
    `verdict ${verdict?.kind ?? 'none'}`,
  ];
  return { kind: 'tried', subject: `${number}`, text: parts.join('; '), iteration: number, source: 'tree' };
}

/** The ceilings at which a limit is near, so that what is reached of them is. */
function nearLimits(limits: Limits): Limits {
  const near = LIMIT_NAMES.map((name) => {
    const ceiling = limits[name];
    return [name, ceiling === 'unlimited' ? ceiling : ceiling * NEAR];
  });
  return Object.fromEntries(near) as Limits;
}

function limitNotes(state: RunState, newest: number): readonly CarriedNote[] {
  const near = nearLimits(state.limits);
  const used = fullIterations(state).length;
  const breaches = [...consumptionBreaches(near, state.usage, used), ...sizeBreaches(near, state.usage)];
  return breaches.flatMap(({ limit, value }) => {
    const ceiling = state.limits[limit as keyof Limits];
    if (ceiling === 'unlimited' || value >= ceiling) return [];
    const text = limitWords({ limit, value, ceiling });
    return [{ kind: 'limit' as const, subject: limit, text, iteration: newest, source: 'limits' }];
  });
}

/** Bytes in UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x8_00 ? 2 : point < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
}

/** What a note takes in a prompt and in the log. */
export function carriedBytes(note: CarriedNote): number {
  return bytesOf(note.text) + bytesOf(note.subject) + bytesOf(note.source);
}

/** As many as there is room for, in order. A subject of any length is cut: it names, and proves nothing. */
function fitting(notes: readonly CarriedNote[]): readonly CarriedNote[] {
  let room = MAX_CARRIED_BYTES;
  return notes
    .map((note) => ({ ...note, subject: clipped(note.subject), source: clipped(note.source) }))
    .filter((note) => {
      room -= carriedBytes(note);
      return room >= 0;
    });
}

function sameSubject(a: CarriedNote, b: CarriedNote): boolean {
  return a.subject === b.subject && a.source === b.source;
}

function whyDropped(note: CarriedNote, history: readonly MarkedTest[], newest: number): string {
  if (note.kind === 'tried') return `older than the newest ${MAX_TRIED} tries`;
  if (note.kind === 'limit') return 'no longer near';
  const test = history.find(({ checkId, test: id }) => checkId === note.source && clipped(id) === note.subject);
  const last = test?.marks.at(-1);
  if (test === undefined || last === undefined) return 'no result speaks of it';
  if (newest - test.known >= STALE_ITERATIONS) return `no result speaks of it since iteration ${test.known}`;
  if (last.mark === 'absent') return `it does not run since iteration ${last.iteration}`;
  const isRed = last.mark === 'red';
  if (isRed !== (note.kind !== 'fixed')) {
    return isRed
      ? `it fails again since iteration ${last.iteration}`
      : `it does not fail since iteration ${last.iteration}`;
  }
  return 'newer notes take its room';
}

function droppedSince(
  state: RunState,
  notes: readonly CarriedNote[],
  history: readonly MarkedTest[],
): readonly DroppedNote[] {
  const iterations = fullIterations(state);
  const newest = iterations.at(-1)?.number ?? 0;
  const told = state.iterations.at(-1)?.carried?.notes ?? [];
  return told
    .filter((note) => !notes.some((other) => other.kind === note.kind && sameSubject(other, note)))
    .map((note) => ({ note, reason: whyDropped(note, history, newest) }))
    .slice(0, MAX_DROPPED);
}

/** What the next turn is told. Nothing before there are two iterations to compare: the newest one is told in full anyway. */
export function carry(state: RunState): Carried {
  const iterations = fullIterations(state);
  const newest = iterations.at(-1)?.number ?? 0;
  const history = testHistory(state);
  const facts =
    iterations.length === 0
      ? []
      : history.flatMap((test) => factOf(test, newest) ?? []).toSorted((a, b) => b.iteration - a.iteration);
  const tried = iterations
    .slice(0, -1)
    .map((iteration, at) => triedOf(iteration, iterations.slice(0, at), history))
    .toReversed();
  const all = [...limitNotes(state, newest), ...facts, ...tried];
  const notes = fitting([...limitNotes(state, newest), ...facts.slice(0, MAX_FACTS), ...tried.slice(0, MAX_TRIED)]);
  return { notes, dropped: droppedSince(state, notes, history), left: all.length - notes.length };
}
