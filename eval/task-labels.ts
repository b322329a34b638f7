/** The labelled bug fixes of public repositories: what is broken, what repairs it, and what half of the repair does. */
import { readFile } from 'node:fs/promises';

/** What was seen when only these hunks of the fix were there. */
export interface PartialFix {
  readonly hunks: readonly number[];
  /** How many of the tests that the fix turns green were green, and how many others red. */
  readonly turnedGreen: number;
  readonly othersFailed: number;
  readonly exit: number;
}

export interface LabelledTask {
  readonly id: string;
  readonly repository: string;
  readonly base: string;
  readonly fix: string;
  readonly install: string;
  /** Files of the fix that judge it, and so are there from the start. */
  readonly held: readonly string[];
  readonly testCommand: string;
  /** The tests end by themselves on the base. */
  readonly ends: boolean;
  readonly failToPass: readonly string[];
  readonly partials: readonly PartialFix[];
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function texts(value: unknown, what: string): readonly string[] {
  const found: unknown[] | null = Array.isArray(value) ? value : null;
  if (found === null || !found.every((one) => typeof one === 'string')) throw new Error(`${what} is no list of texts`);
  return found;
}

function text(entry: Fields, key: string, place: string): string {
  const value = entry[key];
  if (typeof value !== 'string' || value === '') throw new Error(`${place} has no "${key}"`);
  return value;
}

function count(entry: Fields, key: string): number {
  return typeof entry[key] === 'number' ? entry[key] : 0;
}

function readPartial(entry: unknown, place: string): PartialFix {
  const hunks = isObject(entry) ? entry['hunks'] : undefined;
  if (!isObject(entry) || !isNumbers(hunks)) throw new Error(`${place} has a partial fix without "hunks"`);
  return {
    hunks,
    turnedGreen: count(entry, 'f2p_pass'),
    othersFailed: count(entry, 'other_failed'),
    exit: count(entry, 'exit'),
  };
}

/** What `timeout` exits with when time is over. */
const TIMED_OUT = 124;

function readTask(entry: unknown, place: string): LabelledTask {
  if (!isObject(entry)) throw new Error(`${place} is no object`);
  const before = isObject(entry['before']) ? entry['before'] : {};
  const partials: readonly unknown[] = Array.isArray(entry['partial_fixes']) ? entry['partial_fixes'] : [];
  return {
    id: text(entry, 'id', place),
    repository: text(entry, 'repo', place),
    base: text(entry, 'base', place),
    fix: text(entry, 'fix', place),
    install: text(entry, 'install', place),
    held: texts(entry['hold_test_files'], `"hold_test_files" of ${place}`),
    testCommand: text(entry, 'test_command', place),
    ends: before['exit'] !== TIMED_OUT,
    failToPass: texts(entry['fail_to_pass'], `"fail_to_pass" of ${place}`),
    partials: partials.map((one) => readPartial(one, place)),
  };
}

/** Rejects with an `Error` whose message says which task is not as it should be. */
export async function readTasks(path: string): Promise<readonly LabelledTask[]> {
  const content: unknown = JSON.parse(await readFile(path, 'utf8'));
  const tasks = isObject(content) ? content['tasks'] : undefined;
  if (!Array.isArray(tasks)) throw new Error(`${path} has no "tasks"`);
  return tasks.map((entry: unknown, at) => readTask(entry, `task ${at} of ${path}`));
}
