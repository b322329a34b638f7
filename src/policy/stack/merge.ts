/** Joins the same part of two layers by the directions of its keys, and collects where the lower one is looser. Pure. */
import { isFields } from '../../core/fields.ts';
import type { Place, Places, Said } from '../place.ts';
import { joinPath, type Path } from '../yaml-tree.ts';
import { isLooser, narrowed, uncovered } from './compare.ts';
import type { Direction, Node } from './directions.ts';
import { movePlaces, placeAt, writtenPath, saidAt } from './places.ts';

/** A lower layer that asks for more than an upper allows. */
export interface Loosening {
  /** As in the file of the lower layer: `limits.cost-usd`. */
  readonly path: Path;
  /** The same key as in what lies above. */
  readonly upperPath: Path;
  readonly direction: Direction;
  readonly upper: Place | null;
  readonly lower: Place | null;
  /** What is too much, where it is a part of a list. */
  readonly stray: readonly unknown[];
  /** The path of the upper value, where that is another key and only implies this one. */
  readonly impliedBy?: Path;
}

/** The same part of two layers. Paths lead to it in each, and in what is made of both. */
export interface Pair {
  readonly upper: unknown;
  readonly lower: unknown;
  readonly upperPath: Path;
  readonly lowerPath: Path;
  readonly path: Path;
}

export interface Merging {
  readonly upper: Places;
  readonly lower: Places;
  /** Places of what is made; null where only the comparison counts. */
  readonly made: Map<string, Said> | null;
  readonly found: Loosening[];
}

function inner(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function below({ upper, lower, upperPath, lowerPath, path }: Pair, key: string): Pair {
  return {
    upper: inner(upper, key),
    lower: inner(lower, key),
    upperPath: [...upperPath, key],
    lowerPath: [...lowerPath, key],
    path: [...path, key],
  };
}

/** Whose word holds where both said something: of lists that add up, both. */
function mark(pair: Pair, made: unknown, direction: Direction, merging: Merging): void {
  if (merging.made === null) return;
  const upper = saidAt(merging.upper, pair.upperPath);
  const lower = saidAt(merging.lower, pair.lowerPath);
  const asked = [...(upper?.asked ?? []), ...(lower?.asked ?? [])];
  const own = made === pair.upper ? upper : lower;
  const holds = direction.kind === 'grows' ? [...(upper?.holds ?? []), ...(lower?.holds ?? [])] : (own?.holds ?? []);
  merging.made.set(joinPath(pair.path), { asked, holds });
}

/** Entries of a list get their places one by one, so that each says where it stands. */
function markEntries(pair: Pair, made: unknown, merging: Merging): void {
  if (merging.made === null || !Array.isArray(made)) return;
  const [upper, lower] = [pair.upper, pair.lower].map((list) => (Array.isArray(list) ? list : []));
  for (const [at, entry] of made.entries()) {
    const [above, beneath] = [upper?.indexOf(entry) ?? -1, lower?.indexOf(entry) ?? -1];
    const to = [...pair.path, at];
    if (above >= 0) movePlaces(merging.upper, [...pair.upperPath, above], merging.made, to);
    else if (beneath >= 0) movePlaces(merging.lower, [...pair.lowerPath, beneath], merging.made, to);
  }
}

function mergeLeaf(direction: Direction, pair: Pair, merging: Merging): unknown {
  const { upper, lower } = pair;
  if (isLooser(direction, upper, lower)) {
    const stray = direction.kind === 'shrinks' ? uncovered(direction, upper, lower) : [];
    merging.found.push({
      path: pair.lowerPath,
      upperPath: writtenPath(merging.upper, pair.upperPath),
      direction,
      upper: placeAt(merging.upper, pair.upperPath),
      lower: placeAt(merging.lower, pair.lowerPath),
      stray,
    });
  }
  const made = narrowed(direction, upper, lower);
  mark(pair, made, direction, merging);
  markEntries(pair, made, merging);
  return made;
}

/** Only one of the two says anything. */
function kept({ upper, lower, upperPath, lowerPath, path }: Pair, merging: Merging): unknown {
  if (merging.made !== null) {
    if (upper === undefined) movePlaces(merging.lower, lowerPath, merging.made, path);
    else movePlaces(merging.upper, upperPath, merging.made, path);
  }
  return upper ?? lower;
}

/** Silence of who began an entry is a word too. */
function isSettled(node: Node, pair: Pair, entry: boolean): boolean {
  if (!entry || pair.upper !== undefined || pair.lower === undefined || !('leaf' in node)) return false;
  return node.leaf.kind === 'settled' || (node.leaf.kind === 'false' && pair.lower === true);
}

function mergeKeys(keys: Readonly<Record<string, Node>>, pair: Pair, merging: Merging, entry: boolean): unknown {
  const made: Record<string, unknown> = {};
  for (const [key, node] of Object.entries(keys)) {
    const part = below(pair, key);
    const value =
      isSettled(node, part, entry) && 'leaf' in node ? mergeLeaf(node.leaf, part, merging) : merge(node, part, merging);
    if (value !== undefined) made[key] = value;
  }
  return made;
}

function mergeEach(node: Extract<Node, { each: Node }>, pair: Pair, merging: Merging): unknown {
  const made: Record<string, unknown> = {};
  const names = [pair.upper, pair.lower].flatMap((map) => (isFields(map) ? Object.keys(map) : []));
  for (const name of new Set(names)) {
    const part = below(pair, name);
    if (node.closed && part.upper === undefined) {
      merging.found.push({
        path: part.lowerPath,
        upperPath: pair.upperPath,
        direction: { kind: 'shrinks', covers: () => false, addsUp: false },
        upper: placeAt(merging.upper, pair.upperPath),
        lower: placeAt(merging.lower, part.lowerPath),
        stray: [],
      });
      continue;
    }
    const both = part.upper !== undefined && part.lower !== undefined;
    const value =
      both && 'keys' in node.each ? mergeKeys(node.each.keys, part, merging, true) : merge(node.each, part, merging);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function nameOf(entry: unknown): unknown {
  return inner(entry, 'name');
}

/** A list of entries by name: the upper ones in their order, then what is new. */
function mergeNamed(node: Node, pair: Pair, merging: Merging): unknown {
  const [above, beneath] = [pair.upper, pair.lower].map((list): readonly unknown[] =>
    Array.isArray(list) ? list : [],
  );
  const names = new Set([...(above ?? []), ...(beneath ?? [])].map(nameOf));
  return [...names].map((name, at) => {
    const [upperAt, lowerAt] = [above, beneath].map((list) => list?.findIndex((entry) => nameOf(entry) === name) ?? -1);
    const part: Pair = {
      upper: above?.[upperAt ?? -1],
      lower: beneath?.[lowerAt ?? -1],
      upperPath: [...pair.upperPath, upperAt ?? -1],
      lowerPath: [...pair.lowerPath, lowerAt ?? -1],
      path: [...pair.path, at],
    };
    const made = merge(node, part, merging);
    if (part.upper !== undefined && part.lower !== undefined) mark(part, made, { kind: 'grows' }, merging);
    return made;
  });
}

/** What both parts are together. Where the lower is looser, that is in `found`, and what is made is as tight as the upper. */
export function merge(node: Node, pair: Pair, merging: Merging): unknown {
  if (pair.upper === undefined || pair.lower === undefined) return kept(pair, merging);
  if ('leaf' in node) return mergeLeaf(node.leaf, pair, merging);
  if ('keys' in node) return mergeKeys(node.keys, pair, merging, false);
  if ('each' in node) return mergeEach(node, pair, merging);
  return mergeNamed(node.named, pair, merging);
}
