/** The manifest of labelled reports: what a file is, and what must be read out of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Counts {
  readonly total: number;
  readonly passed: number;
  /** Failures and errors together: both are red, and writers disagree on which is which. */
  readonly failed: number;
  readonly skipped: number;
}

/** Labels of an analyser's report; null where the label does not say. Suppressed findings are none. */
export interface FindingCounts {
  readonly findings: number;
  readonly errors: number | null;
  /** Files that were examined. */
  readonly files: number | null;
}

export type Expectation =
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'findings'; readonly counts: FindingCounts }
  /** Must be refused. Some name counts all the same; reading exactly those is right as well. */
  | { readonly kind: 'refusal'; readonly orCounts: Counts | null }
  /** Nothing is known about it, so nothing but "this did not pass" can be right or wrong. */
  | { readonly kind: 'unlabelled' };

export interface Labelled {
  readonly file: string;
  readonly format: string;
  readonly expected: Expectation;
}

type Numbers = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Numbers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function count(numbers: Numbers, key: string): number {
  const value = numbers[key];
  return typeof value === 'number' ? value : 0;
}

function countsFrom(numbers: unknown, totalKey: string): Counts | null {
  if (!isObject(numbers) || typeof numbers[totalKey] !== 'number') return null;
  const total = numbers[totalKey];
  const failed = count(numbers, 'failed') + count(numbers, 'errored');
  const skipped = count(numbers, 'skipped');
  // Some entries leave `passed` to be computed.
  const passed = typeof numbers['passed'] === 'number' ? numbers['passed'] : total - failed - skipped;
  return { total, passed, failed, skipped };
}

/** Keys under which entries count findings. Where there are several, they add up: warnings beside errors. */
const FINDING_KEYS: readonly (readonly string[])[] = [
  ['issues'],
  ['results'],
  ['packages'],
  ['vulnerabilities', 'misconfigurations'],
  ['errors', 'warnings'],
  ['warnings'],
];

function findingsFrom(numbers: unknown, note: unknown): FindingCounts | null {
  if (isObject(numbers)) {
    const keys = FINDING_KEYS.find((all) => all.every((key) => typeof numbers[key] === 'number'));
    if (keys === undefined) return null;
    const findings = keys.reduce((sum, key) => sum + count(numbers, key), 0);
    const levels = isObject(numbers['levels']) ? numbers['levels'] : null;
    const known = levels === null ? null : count(levels, 'error') + count(levels, 'ERROR');
    const errors = keys.length === 2 && keys[0] === 'errors' ? count(numbers, 'errors') : known;
    return { findings, errors, files: typeof numbers['files'] === 'number' ? numbers['files'] : null };
  }
  // Some entries have their label in words only.
  const said = typeof note === 'string' ? /^source expects (\d+)\b/.exec(note)?.[1] : undefined;
  return said === undefined ? null : { findings: Number(said), errors: null, files: null };
}

/**
 * Our own count is the label, except where the entry says that it differs from what the source of the file states: then the
 * source decides. Where both are there and agree, they agree on executions, which is what our own count is.
 */
function expectationOf(entry: Numbers): Expectation {
  const numbers = entry['counted_here'];
  const own = countsFrom(numbers, 'total');
  const source = countsFrom(entry['source_expected'], 'tests');
  const verified = entry['verified'];
  const empty = isObject(numbers) && numbers['lines'] === 0;
  if (empty || (entry['format'] === 'UNPARSEABLE' && own === null && numbers === undefined)) {
    return { kind: 'refusal', orCounts: source };
  }
  const counts = typeof verified === 'string' && verified.startsWith('differs') ? (source ?? own) : (own ?? source);
  if (counts !== null) return { kind: 'counts', counts };
  const found = findingsFrom(numbers, entry['note']);
  return found === null ? { kind: 'unlabelled' } : { kind: 'findings', counts: found };
}

/** Rejects with an `Error` whose message says what the manifest lacks. */
export async function readManifest(directory: string): Promise<readonly Labelled[]> {
  const path = join(directory, 'manifest.json');
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isObject(parsed) || !Array.isArray(parsed['files'])) throw new Error(`${path} has no list "files"`);
  return parsed['files'].map((entry: unknown, at): Labelled => {
    if (!isObject(entry) || typeof entry['file'] !== 'string' || typeof entry['format'] !== 'string') {
      throw new Error(`${path}: entry ${at} has no "file" or no "format"`);
    }
    return { file: entry['file'], format: entry['format'], expected: expectationOf(entry) };
  });
}
