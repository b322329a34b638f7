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

export type Expectation =
  | { readonly kind: 'counts'; readonly counts: Counts }
  /** Must be refused. Some name counts all the same; reading exactly those is right as well. */
  | { readonly kind: 'refusal'; readonly orCounts: Counts | null }
  /** Labelled with something other than counts of tests (issues, packages), or not labelled. */
  | { readonly kind: 'other' };

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

/**
 * Our own count is the label, except where the entry says that it differs from what the source of the file states: then the
 * source decides. Where both are there and agree, they agree on executions, which is what our own count is.
 */
function expectationOf(entry: Numbers): Expectation {
  const own = countsFrom(entry['counted_here'], 'total');
  const source = countsFrom(entry['source_expected'], 'tests');
  const verified = entry['verified'];
  if (entry['format'] === 'UNPARSEABLE' && own === null && entry['counted_here'] === undefined) {
    return { kind: 'refusal', orCounts: source };
  }
  const counts = typeof verified === 'string' && verified.startsWith('differs') ? (source ?? own) : (own ?? source);
  return counts === null ? { kind: 'other' } : { kind: 'counts', counts };
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
