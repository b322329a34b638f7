/** A number that a check measures, and which way it may move. Pure. */
import type { CheckResult } from './check.ts';

/** `lower`: the value of a change may not be above that of the base. `higher`: not below it. */
export type Ratchet = 'lower' | 'higher';

export interface Measured {
  /** Finite. For coverage: percent of all lines that can be covered. */
  readonly value: number;
  /** As the report says; empty where it says none. */
  readonly unit: string;
  /** Absent: it is shown and decides nothing. */
  readonly ratchet?: Ratchet;
  /** Of the changed lines that can be covered; absent on the base and where the check measures no coverage. */
  readonly changedLines?: LineCount;
}

export interface LineCount {
  readonly covered: number;
  readonly total: number;
}

/** By file, as the report names it: lines that can be covered, and whether they were. */
export type CoveredLines = ReadonlyMap<string, ReadonlyMap<number, boolean>>;

/** By path from the top of the tree: numbers of the lines that a change wrote. */
export type ChangedLines = ReadonlyMap<string, ReadonlySet<number>>;

export function countLines(files: Iterable<ReadonlyMap<number, boolean>>): LineCount {
  let [covered, total] = [0, 0];
  for (const lines of files) {
    total += lines.size;
    for (const hit of lines.values()) if (hit) covered += 1;
  }
  return { covered, total };
}

export function percent({ covered, total }: LineCount): number {
  return (100 * covered) / total;
}

/**
 * Reports name files absolutely, from the top, or from a source folder. null where none of them fits; the one with the most
 * letters where several do.
 */
function nameInReport(names: readonly string[], path: string): string | null {
  if (names.includes(path)) return path;
  const ends = (long: string, short: string): boolean => long.endsWith(`/${short}`);
  const fitting = names.filter((name) => ends(name, path) || ends(path, name));
  return fitting.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** Covered lines among the changed ones. What a report does not name cannot be counted. */
export function coverageOfChange(lines: CoveredLines, changed: ChangedLines): LineCount {
  const names = [...lines.keys()];
  const hit = [...changed].map(([path, numbers]) => {
    const name = nameInReport(names, path);
    const known = name === null ? undefined : lines.get(name);
    return new Map([...(known ?? [])].filter(([number]) => numbers.has(number)));
  });
  return countLines(hit);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

/**
 * A quoted name of a diff: git writes bytes outside of ASCII, and a few others, as C does. By way of a URI, because the core
 * knows no decoder of bytes. A name that is no UTF-8 stays as it is: no report names it either.
 */
function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const pieces = [...name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]/gsu)];
  try {
    const escaped = pieces.map(([piece, octal, letter]) => {
      if (octal !== undefined) return `%${Number.parseInt(octal, 8).toString(16).padStart(2, '0')}`;
      return encodeURIComponent(letter === undefined ? piece : (ESCAPES[letter] ?? letter));
    });
    return decodeURIComponent(escaped.join(''));
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}

/** The lines that a unified diff of git adds. Deleted and binary files have none. */
export function changedLines(diff: string): ChangedLines {
  const changed = new Map<string, Set<number>>();
  let current: Set<number> | null = null;
  let [oldLeft, newLeft, line] = [0, 0, 0];
  for (const text of diff.split('\n')) {
    if (oldLeft > 0 || newLeft > 0) {
      if (text.startsWith('+')) current?.add(line);
      if (!text.startsWith('-') && !text.startsWith('\\')) [newLeft, line] = [newLeft - 1, line + 1];
      if (!text.startsWith('+') && !text.startsWith('\\')) oldLeft -= 1;
      continue;
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text);
    if (hunk !== null) {
      [oldLeft, newLeft, line] = [Number(hunk[1] ?? 1), Number(hunk[3] ?? 1), Number(hunk[2])];
    } else if (text.startsWith('+++ ')) {
      const name = unquoted(text.slice(4).replace(/\t$/, ''));
      current = name.startsWith('b/') ? new Set() : null;
      if (current !== null) changed.set(name.slice(2), current);
    }
  }
  return changed;
}

/** `84.2 %`, `1,024 kB`, `12`: at most two places behind the point. */
export function measuredWords({ value, unit }: Pick<Measured, 'value' | 'unit'>): string {
  const number = String(Math.round(value * 100) / 100);
  return unit === '' ? number : `${number} ${unit}`;
}

function isWorse(ratchet: Ratchet, value: number, base: number): boolean {
  return ratchet === 'lower' ? value > base : value < base;
}

/** Why what was measured stands in the way of acceptance; null when it does not. */
export function ratchetObjection(base: CheckResult | undefined, check: CheckResult): string | null {
  const { measured } = check;
  if (measured?.ratchet === undefined) return null;
  const before = base?.measured;
  if (before === undefined) return 'nothing was measured on the base, so it cannot be compared';
  if (before.unit !== measured.unit) {
    return `${measuredWords(measured)} cannot be compared with ${measuredWords(before)} on the base: another unit`;
  }
  const lines = measured.changedLines;
  if (lines !== undefined && lines.total > 0) {
    const share = percent(lines);
    if (!isWorse(measured.ratchet, share, before.value)) return null;
    const seen = measuredWords({ value: share, unit: measured.unit });
    return `${seen} of ${lines.total} changed lines are covered, less than ${measuredWords(before)} of the base`;
  }
  if (!isWorse(measured.ratchet, measured.value, before.value)) return null;
  const way = measured.ratchet === 'lower' ? 'above' : 'below';
  return `${measuredWords(measured)} is ${way} the ${measuredWords(before)} of the base`;
}

/** Of several executions the one that asks least of a change: a value that moves by itself is not the fault of anybody. */
export function mostLenient(all: readonly (Measured | undefined)[]): Measured | undefined {
  const known = all.filter((one) => one !== undefined);
  return known.reduce<Measured | undefined>((best, one) => {
    if (best === undefined || best.unit !== one.unit) return one;
    return isWorse(one.ratchet ?? 'higher', one.value, best.value) ? one : best;
  }, undefined);
}
