/**
 * Code that the change adds although it is there already, but for its names: among the files of the change and those beside
 * them. Code that only moved is gone from where it was, so it is no copy.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, ContentReader, WholeTree } from '../../ports/content.ts';
import { isTestOrExample, languageOf, saysGenerated, textOf } from '../file-kind.ts';
import { fingerprints, RUN_TOKENS } from './fingerprints.ts';
import { tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** A copy is told of from this many lines: jscpd starts at 5, and a short function that is like another is none. */
const COPIED_LINES = 8;

/** What is compared with: files beside those of the change, and bytes of them all together. */
const MAX_AROUND = 60;
/** Read at a time: each is a program that is started. */
const AT_ONCE = 8;
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_SIGHTINGS = 20;

interface Source {
  readonly path: string;
  readonly tokens: readonly Token[];
}

interface Place {
  readonly source: Source;
  readonly at: number;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function isCode(path: string): boolean {
  return languageOf(path) !== null && !isTestOrExample(path);
}

function sourceOf(path: string, text: string): Source | null {
  const language = languageOf(path);
  return language === null || saysGenerated(text) ? null : { path, tokens: tokensOf(text, language) };
}

async function around(files: readonly ChangedContent[], head: WholeTree): Promise<readonly Source[]> {
  const changed = new Set(files.map(({ path }) => path));
  const places = new Set(files.map(({ path }) => `${directoryOf(path)} ${languageOf(path)?.name ?? ''}`));
  const beside = (await head.paths())
    .filter((path) => !changed.has(path) && isCode(path))
    .filter((path) => places.has(`${directoryOf(path)} ${languageOf(path)?.name ?? ''}`))
    .slice(0, MAX_AROUND);
  const sources: Source[] = [];
  let bytes = 0;
  for (let from = 0; from < beside.length && bytes < MAX_BYTES; from += AT_ONCE) {
    const paths = beside.slice(from, from + AT_ONCE);
    const contents = await Promise.all(paths.map((path) => head.read(path)));
    for (const [at, path] of paths.entries()) {
      const content = contents[at] ?? null;
      bytes += content?.length ?? 0;
      const source = content === null ? null : sourceOf(path, textOf(content));
      if (source !== null) sources.push(source);
    }
  }
  return sources;
}

/** Only what was added in one piece can be a copy that is told of. */
function hasLongAddition({ added }: ChangedContent): boolean {
  let inARow = 0;
  return added.some(({ line }, at) => {
    inARow = line === (added[at - 1]?.line ?? -1) + 1 ? inARow + 1 : 1;
    return inARow >= COPIED_LINES;
  });
}

function index(sources: readonly Source[]): ReadonlyMap<number, readonly Place[]> {
  const places = sources.flatMap((source) => fingerprints(source.tokens).map(({ hash, at }) => ({ hash, source, at })));
  return Map.groupBy(places, ({ hash }) => hash);
}

/** A stretch of added tokens with the stretch it is like. */
interface Copy {
  readonly of: Source;
  from: number;
  to: number;
  /** How far apart the two stand, in tokens: the same all along a copy. */
  readonly offset: number;
}

function isOther(place: Place, source: Source, at: number): boolean {
  return place.source !== source || Math.abs(place.at - at) >= RUN_TOKENS;
}

/** Grows one copy at a time; in one file, only the later of two copies is told of. */
function copiesIn(
  source: Source,
  added: ReadonlySet<number>,
  known: ReadonlyMap<number, readonly Place[]>,
): readonly Copy[] {
  const copies: Copy[] = [];
  for (const { hash, at } of fingerprints(source.tokens)) {
    const run = source.tokens.slice(at, at + RUN_TOKENS);
    if (!run.every(({ line }) => added.has(line))) continue;
    const places = (known.get(hash) ?? []).filter((place) => isOther(place, source, at));
    const open = copies.at(-1);
    const goesOn =
      open !== undefined && places.some((place) => place.source === open.of && place.at - at === open.offset);
    if (goesOn && at <= open.to) open.to = at + RUN_TOKENS;
    const place = places.find((one) => one.source !== source || one.at < at);
    if (goesOn || place === undefined) continue;
    copies.push({ of: place.source, from: at, to: at + RUN_TOKENS, offset: place.at - at });
  }
  return copies;
}

function lineAt({ tokens }: Source, at: number): number {
  return tokens[Math.min(at, tokens.length - 1)]?.line ?? 0;
}

/** Hashes can collide; tokens do not. */
function isReally(copy: Copy, source: Source): boolean {
  const { of, from, to, offset } = copy;
  for (let at = from; at < to; at += 1) if (source.tokens[at]?.kind !== of.tokens[at + offset]?.kind) return false;
  return true;
}

function told(source: Source, copy: Copy): readonly ContentSighting[] {
  const [first, last] = [lineAt(source, copy.from), lineAt(source, copy.to - 1)];
  if (last - first + 1 < COPIED_LINES || !isReally(copy, source)) return [];
  const where = `${copy.of.path}:${lineAt(copy.of, copy.from + copy.offset)}`;
  const message = `begins ${last - first + 1} lines that are those at ${where}, but for their names`;
  return [{ detector: 'duplicated-code', path: source.path, side: 'added', line: first, message }];
}

export const readDuplicates: ContentReader = async ({ files, head }) => {
  const changed = files.filter(({ path, after }) => after !== null && isCode(path));
  const grown = changed.filter(hasLongAddition);
  if (grown.length === 0) return [];
  const sources = changed.flatMap((file) => {
    const source = sourceOf(file.path, textOf(file.after?.content));
    return source === null ? [] : [{ source, added: new Set(file.added.map(({ line }) => line)) }];
  });
  const known = index([...sources.map(({ source }) => source), ...(await around(grown, head))]);
  const pairs = new Set<string>();
  const seen = sources.flatMap(({ source, added }) => {
    // Two files that are both new are copies of each other: said once.
    const copies = copiesIn(source, added, known).filter(({ of }) => !pairs.has(`${of.path}\0${source.path}`));
    for (const { of } of copies) if (of !== source) pairs.add(`${source.path}\0${of.path}`);
    return copies.flatMap((copy) => told(source, copy));
  });
  return seen.slice(0, MAX_SIGHTINGS);
};
