/**
 * Winnowing (Schleimer, Wilkerson, Aiken: SIGMOD 2003): of the hashes of all runs of `RUN_TOKENS` tokens, the smallest of each
 * window is kept. Two texts that share `RUN_TOKENS + WINDOW - 1` tokens in a row share a fingerprint, whatever is around them.
 */
import type { Token } from './tokens.ts';

export const RUN_TOKENS = 40;
const WINDOW = 11;

/** Kinds of tokens in a run. A table of values repeats a handful of them and is no code that was copied. */
const DISTINCT_KINDS = 11;

export interface Fingerprint {
  readonly hash: number;
  /** Index of the first token. */
  readonly at: number;
}

/** FNV-1a over the kinds, 32 bits. */
function kindHash(kind: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < kind.length; at += 1) hash = Math.imul(hash ^ kind.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

const BASE = 0x01000193;

/** The weight of a token that leaves a run. */
const LEAVING = Array.from({ length: RUN_TOKENS - 1 }).reduce<number>((power) => Math.imul(power, BASE), 1);

function runHashes(tokens: readonly Token[]): readonly Fingerprint[] {
  const hashes = tokens.map(({ kind }) => kindHash(kind));
  const counts = new Map<string, number>();
  const runs: Fingerprint[] = [];
  let hash = 0;
  for (const [index, { kind }] of tokens.entries()) {
    const gone = index - RUN_TOKENS;
    if (gone >= 0) {
      hash = (hash - Math.imul(hashes[gone] ?? 0, LEAVING)) | 0;
      const old = tokens[gone]?.kind ?? '';
      const left = (counts.get(old) ?? 1) - 1;
      if (left === 0) counts.delete(old);
      else counts.set(old, left);
    }
    hash = (Math.imul(hash, BASE) + (hashes[index] ?? 0)) | 0;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (gone >= -1 && counts.size >= DISTINCT_KINDS) runs.push({ hash: hash >>> 0, at: gone + 1 });
  }
  return runs;
}

export function fingerprints(tokens: readonly Token[]): readonly Fingerprint[] {
  const runs = runHashes(tokens);
  const kept: Fingerprint[] = [];
  for (let end = Math.min(WINDOW, runs.length); end <= runs.length && end > 0; end += 1) {
    const window = runs.slice(Math.max(0, end - WINDOW), end);
    const smallest = window.reduce((least, one) => (one.hash <= least.hash ? one : least));
    if (kept.at(-1)?.at !== smallest.at) kept.push(smallest);
  }
  return kept;
}
