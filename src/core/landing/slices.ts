/**
 * How a change that is too large to review could be split. A proposal by path: nothing here compiled or ran a slice, so none
 * is said to stand alone that holds only a part of something. Pure.
 */
import type { ChangedFile } from '../change.ts';
import { directoryOf } from '../detectors/paths.ts';
import { fileKind } from './file-kind.ts';
import { minutesOf } from './review-cost.ts';

export interface Slice {
  /** The directory it is about, `configuration`, or `.` for the top. */
  readonly name: string;
  readonly files: readonly string[];
  /** Whole minutes, rounded up. */
  readonly minutes: number;
  /** Why it may not be reviewed, or landed, by itself; empty where nothing by path speaks against it. */
  readonly notAlone: readonly string[];
}

type Sized = Pick<ChangedFile, 'path' | 'addedLines' | 'removedLines'>;

interface Group {
  readonly name: string;
  readonly files: readonly Sized[];
  readonly notAlone: readonly string[];
}

/** What a test, a snapshot or a mirror of the sources is about: the same path without what makes it a test. */
function subjectOf(path: string): string {
  return path
    .replace(/(?:^|\/)(?:tests?|specs?|__tests__|__mocks__|__snapshots__|e2e)\//g, '/')
    .replace(/^\/?(?:src|lib|app)\/|(?<=\/)(?:src|lib|main\/java|test\/java|main|java)\//g, '')
    .replace(/^\//, '')
    .replace(/\.snap$/, '')
    .replace(/(?:[._-](?:test|tests|spec|specs))?\.\w+$/, '')
    .replace(/(^|\/)test_([^/]+)$/, '$1$2')
    .replace(/_(?:test|spec)$|(?<=[a-z])(?:Tests?|TestCase|Spec|IT)$/, '');
}

function sum(files: readonly Sized[]): number {
  return files.reduce((minutes, file) => minutes + minutesOf(file), 0);
}

/** Units that are never pulled apart: a source with its tests. */
function unitsOf(files: readonly Sized[]): readonly (readonly Sized[])[] {
  const units = new Map<string, Sized[]>();
  for (const file of files) {
    const subject = subjectOf(file.path);
    const unit = units.get(subject);
    if (unit === undefined) units.set(subject, [file]);
    else unit.push(file);
  }
  return [...units.values()].map((unit) => unit.toSorted((a, b) => Number(isTest(a)) - Number(isTest(b))));
}

function isTest({ path }: Sized): boolean {
  return fileKind(path) === 'test';
}

/** The place a unit belongs to, `depth` folders deep; the source says it, not its tests. */
function placeOf(unit: readonly Sized[], depth: number): string {
  const [first] = unit;
  const folders = directoryOf(first?.path ?? '').split('/');
  return folders.slice(0, depth).join('/') || '.';
}

/** Deeper places for what is too large in one, as far as paths go; then by size, one unit after the other. */
function splitPlace(units: readonly (readonly Sized[])[], limit: number, depth: number): readonly Group[] {
  const places = Map.groupBy(units, (unit) => placeOf(unit, depth));
  return [...places].flatMap(([name, inside]): readonly Group[] => {
    const files = inside.flat();
    if (sum(files) <= limit || inside.length === 1) return [{ name, files, notAlone: [] }];
    if (inside.some((unit) => placeOf(unit, depth + 1) !== name)) return splitPlace(inside, limit, depth + 1);
    return packed(name, inside, limit);
  });
}

function packed(name: string, units: readonly (readonly Sized[])[], limit: number): readonly Group[] {
  const bins: Sized[][] = [];
  for (const unit of units) {
    const bin = bins.at(-1);
    if (bin !== undefined && sum([...bin, ...unit]) <= limit) bin.push(...unit);
    else bins.push([...unit]);
  }
  const notAlone = bins.length === 1 ? [] : ['it is a part of one directory, whose files may need each other'];
  return bins.map((files, index) => ({
    name: bins.length === 1 ? name : `${name} (${index + 1} of ${bins.length})`,
    files,
    notAlone,
  }));
}

function isMade({ path }: Sized): boolean {
  const kind = fileKind(path);
  return kind === 'generated' || kind === 'lockfile';
}

function sharedFolders(one: string, other: string): number {
  const [a, b] = [directoryOf(one).split('/'), directoryOf(other).split('/')];
  const parting = a.findIndex((folder, index) => folder !== b[index]);
  return parting === -1 ? a.length : parting;
}

/** Lockfiles go with manifests, what else a tool made with what lies nearest. */
function withCause(groups: readonly Group[], made: readonly Sized[]): readonly Group[] {
  if (made.length === 0) return groups;
  const filled = groups.map((group) => ({ ...group, files: [...group.files] }));
  const orphans: Sized[] = [];
  for (const file of made) {
    const wanted = fileKind(file.path) === 'lockfile' ? filled.filter(({ name }) => name === CONFIGURATION) : filled;
    const nearness = wanted.map((group) =>
      Math.max(0, ...group.files.map(({ path }) => sharedFolders(path, file.path))),
    );
    const cause = wanted[nearness.indexOf(Math.max(...nearness))];
    if (cause === undefined) orphans.push(file);
    else cause.files.push(file);
  }
  const alone = ['a tool made it, and what made it change is not in the change'];
  return orphans.length === 0 ? filled : [...filled, { name: 'made by tools', files: orphans, notAlone: alone }];
}

const CONFIGURATION = 'configuration';

/** A test without its source proves something about what is elsewhere. */
function hints(group: Group, all: readonly Group[]): readonly string[] {
  const tests = group.files.length > 0 && group.files.every(isTest);
  const others = all.some((other) => other !== group && other.files.some(({ path }) => fileKind(path) === 'source'));
  const code = all.some((other) => other.name !== CONFIGURATION);
  return [
    ...group.notAlone,
    ...(tests && others ? ['it is tests only, and what they test may be in another slice'] : []),
    ...(group.name === CONFIGURATION && code ? ['the code may need it, or it the code'] : []),
  ];
}

/**
 * Slices in the order to review them: configuration first, then by name. Every file is in exactly one. `limit`: minutes a
 * slice should stay under; a source with its tests, and a single file, is never pulled apart, so one may still be above it.
 */
export function splitChange(files: readonly Sized[], limit: number): readonly Slice[] {
  const made = files.filter(isMade);
  const settings = files.filter(({ path }) => fileKind(path) === 'configuration');
  const rest = files.filter((file) => !isMade(file) && !settings.includes(file));
  const configuration = settings.length === 0 ? [] : [{ name: CONFIGURATION, files: settings, notAlone: [] }];
  const groups = withCause([...configuration, ...splitPlace(unitsOf(rest), limit, 1)], made);
  return groups.map((group) => {
    const minutes = Math.ceil(sum(group.files));
    const large = minutes > limit ? [`it is above ${limit} minutes and by path cannot be split further`] : [];
    const paths = group.files.map(({ path }) => path).toSorted();
    return { name: group.name, files: paths, minutes, notAlone: [...hints(group, groups), ...large] };
  });
}
