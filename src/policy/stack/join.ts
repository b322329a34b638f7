/** One layer on top of another: what they say together, and where the lower one asks for more. Pure. */
import { isFields } from '../../core/fields.ts';
import { BUILT_IN_CLASSES, DEFAULT_CLASS } from '../classes.ts';
import type { ClassSection, PolicyContent, SharedSections, ZoneSection } from '../content.ts';
import type { Places, Said } from '../place.ts';
import { joinPath, type Path } from '../yaml-tree.ts';
import { union } from './compare.ts';
import { CLASS_IN_FILE_NODE, CLASS_NODE, CONFINED, TOP_NODE, type Node } from './directions.ts';
import { decidedCommands, boundsOf, exceptedProtection, reopened, withoutUndone } from './implied.ts';
import type { Contradiction } from './loosened.ts';
import { merge, type Loosening } from './merge.ts';
import { placeAt } from './places.ts';

/** What some layers say together, and where each of it stands. */
export interface Stacked {
  readonly content: PolicyContent;
  readonly places: Places;
}

export interface Joined {
  readonly made: Stacked;
  readonly found: readonly Loosening[];
  readonly contradictions: readonly Contradiction[];
}

interface Joining {
  /** With what is meant filled in. */
  readonly upper: Stacked;
  readonly lower: Stacked;
  readonly made: Map<string, Said>;
  readonly found: Loosening[];
}

function own(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What `lower` says of the very things that `model` says too and `except` does not. */
function echo(node: Node, lower: unknown, model: unknown, except: unknown): unknown {
  if (lower === undefined || model === undefined) return undefined;
  if ('leaf' in node) return except === undefined ? lower : undefined;
  if ('named' in node) {
    const names = (list: unknown): readonly unknown[] =>
      Array.isArray(list) ? list.map((entry: unknown) => own(entry, 'name')) : [];
    const [known, said] = [names(model), names(except)];
    const kept = (Array.isArray(lower) ? lower : []).filter((entry: unknown) => {
      const name = own(entry, 'name');
      return known.includes(name) && !said.includes(name);
    });
    return kept.length === 0 ? undefined : kept;
  }
  const keys = 'keys' in node ? Object.keys(node.keys) : Object.keys(isFields(lower) ? lower : {});
  const entries = keys.flatMap((key) => {
    const inner = 'keys' in node ? node.keys[key] : node.each;
    const value = inner === undefined ? undefined : echo(inner, own(lower, key), own(model, key), own(except, key));
    return value === undefined ? [] : [[key, value] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

type Classes = Readonly<Record<string, ClassSection>>;

/** Classes above one of this name, the nearest first; the name itself is not among them. */
function ancestors(name: string, classes: Classes): readonly string[] {
  const found: string[] = [];
  let current: string = name;
  for (;;) {
    const section = Object.hasOwn(classes, current) ? classes[current] : undefined;
    const next = section?.extends ?? (BUILT_IN_CLASSES.has(current) ? current : DEFAULT_CLASS);
    if (section === undefined || next === current || found.includes(next)) return found;
    found.push(next);
    current = next;
  }
}

/** A class of the lower layer beside what the upper says of the same for everything, and for the classes it starts from. */
function compareClass(name: string, section: ClassSection, above: readonly string[], joining: Joining): void {
  const { upper, lower, found } = joining;
  const path: Path = ['classes', name];
  const sections: readonly { sections: SharedSections; path: Path }[] = [
    { sections: upper.content, path: [] },
    ...above.flatMap((ancestor) => {
      const known = own(upper.content.classes, ancestor) as ClassSection | undefined;
      return known === undefined ? [] : [{ sections: known, path: ['classes', ancestor] }];
    }),
  ];
  for (const one of sections) {
    const pair = { upper: one.sections, lower: section, upperPath: one.path, lowerPath: path, path };
    merge(CLASS_IN_FILE_NODE, pair, { upper: upper.places, lower: lower.places, made: null, found });
    found.push(
      ...exceptedProtection({ ...one, places: upper.places }, { sections: section, path, places: lower.places }),
    );
  }
}

/** A class that gives a zone other paths keeps those that an upper layer gave it. */
function withZonePaths(section: ClassSection, held: readonly ZoneSection[]): ClassSection {
  if (section.risk === undefined) return section;
  const risk = section.risk.map((zone): ZoneSection => {
    const more = held.filter(({ name, paths }) => name === zone.name && Array.isArray(paths));
    if (!Array.isArray(zone.paths) || more.length === 0) return zone;
    const paths = more.reduce<readonly unknown[]>((all, { paths: globs }) => union(all, globs as string[]), []);
    return { ...zone, paths: union(paths, zone.paths) as readonly string[] };
  });
  return { ...section, risk };
}

function joinClass(name: string, top: PolicyContent, above: readonly string[], joining: Joining): ClassSection {
  const { upper, lower, made, found } = joining;
  const path: Path = ['classes', name];
  const mine = own(upper.content.classes, name) as ClassSection | undefined;
  const theirs = own(lower.content.classes, name) as ClassSection | undefined;
  if (theirs !== undefined) compareClass(name, theirs, above, joining);
  const pair = { upper: mine, lower: theirs, upperPath: path, lowerPath: path, path };
  const both = merge(CLASS_NODE, pair, { upper: upper.places, lower: lower.places, made, found }) as ClassSection;
  const held = [
    ...(upper.content.risk ?? []),
    ...[name, ...above].flatMap((one) => (own(upper.content.classes, one) as ClassSection | undefined)?.risk ?? []),
  ].map((zone) => top.risk?.find((known) => known.name === zone.name && Array.isArray(known.paths)) ?? zone);
  // What the lower layer says of everything also tightens what the upper says of this class.
  const echoed = mine === undefined ? undefined : echo(CLASS_IN_FILE_NODE, lower.content, mine, theirs);
  if (echoed === undefined) return withZonePaths(both, held);
  const more: Loosening[] = [];
  const tightening = { upper: made, lower: lower.places, made, found: more };
  const again = { upper: both, lower: echoed, upperPath: path, lowerPath: [], path };
  const tight = merge(CLASS_IN_FILE_NODE, again, tightening) as Partial<ClassSection>;
  // What is joined when it is resolved cannot be taken out of the class again.
  found.push(...more.filter(({ direction }) => direction.kind === 'shrinks' && direction.addsUp));
  return withZonePaths({ ...both, ...tight }, held);
}

/** As zones of one name are joined: most approvals, and who is in every list; null stands for everybody. */
function people(zones: readonly ZoneSection[]): { approvals: number; from: readonly string[] | null } {
  const lists = zones.flatMap(({ from }) => (from === undefined ? [] : [from]));
  const [first, ...rest] = lists;
  const from = first?.filter((name) => rest.every((list) => list.includes(name))) ?? null;
  return { approvals: Math.max(1, ...zones.map(({ approvals = 1 }) => approvals)), from };
}

/** Approvals that nobody could give, because one layer says how many and another who. */
function contradictionsIn({ content, places }: Stacked): readonly Contradiction[] {
  const sections: readonly { risk: readonly ZoneSection[]; path: Path }[] = [
    { risk: content.risk ?? [], path: [] },
    ...Object.entries(content.classes ?? {}).map(([name, { risk }]) => ({ risk: risk ?? [], path: ['classes', name] })),
  ];
  return sections.flatMap(({ risk, path }) =>
    risk.flatMap((zone, at): readonly Contradiction[] => {
      const topAt = content.risk?.findIndex(({ name }) => name === zone.name) ?? -1;
      const top = path.length === 0 ? undefined : content.risk?.[topAt];
      const { approvals, from } = people([...(top === undefined ? [] : [top]), zone]);
      if (from === null || new Set(from).size >= approvals) return [];
      const placeOf = (key: 'approvals' | 'from') =>
        placeAt(
          places,
          zone[key] === undefined && top !== undefined ? ['risk', topAt, key] : [...path, 'risk', at, key],
        );
      const what = `the zone \`${zone.name}\` asks for ${approvals} approvals, and only ${from.length === 0 ? 'nobody' : from.join(', ')} may give one`;
      return [{ what, upper: placeOf('approvals'), lower: placeOf('from') }];
    }),
  );
}

/** What an upper layer means stands where it says the thing that means it. */
function withImplied(stacked: Stacked): { readonly upper: Stacked; readonly because: ReadonlyMap<string, Path> } {
  const { content, implications } = boundsOf(stacked.content);
  const places = new Map(stacked.places);
  const because = new Map<string, Path>();
  for (const { path, because: cause } of implications) {
    because.set(joinPath(path), cause);
    const place = placeAt(stacked.places, cause);
    if (place !== null) places.set(joinPath(path), { asked: [], holds: [place] });
  }
  return { upper: { content: content as PolicyContent, places }, because };
}

/** Neither file is changed. What is made is as tight as `above`, whatever `beneath` asked for. */
export function joinLayers(above: Stacked, beneath: Stacked): Joined {
  const lower = { content: reopened(beneath.content, above.content), places: beneath.places };
  const { upper, because } = withImplied(above);
  const made = new Map<string, Said>();
  // Where a layer begins: what it asks for by being there stands there.
  const root = above.places.get('');
  if (root !== undefined) made.set('', root);
  const found: Loosening[] = [];
  const joining: Joining = { upper, lower, made, found };
  const pair = { upper: upper.content, lower: lower.content, upperPath: [], lowerPath: [], path: [] };
  const top = merge(TOP_NODE, pair, { upper: upper.places, lower: lower.places, made, found }) as PolicyContent;
  const whole = ({ content, places }: Stacked) => ({ sections: content, path: [], places });
  found.push(...exceptedProtection(whole(upper), whole(lower)), ...decidedCommands(whole(upper), whole(lower)));
  const known: Classes = { ...lower.content.classes, ...upper.content.classes };
  const below = lower.content;
  const classes = Object.fromEntries(
    Object.keys(known).map((name) => {
      const section = joinClass(name, top, ancestors(name, known), joining);
      return [name, withoutUndone(section, [below, ...Object.values(below.classes ?? {})])];
    }),
  );
  const { sandbox, ...rest } = withoutUndone(top, [below, ...Object.values(below.classes ?? {})]) as Record<
    string,
    unknown
  > &
    PolicyContent;
  const content: PolicyContent = {
    ...rest,
    // The word for "any that confines" is no sandbox.
    ...(sandbox === undefined || (sandbox as string) === CONFINED ? {} : { sandbox }),
    ...(Object.keys(classes).length === 0 ? {} : { classes }),
  };
  if (content.sandbox === undefined) made.delete('sandbox');
  const stacked = { content, places: made };
  const withCauses = found.map((one) => {
    const cause = because.get(joinPath(one.upperPath));
    return cause === undefined || one.impliedBy !== undefined ? one : { ...one, impliedBy: cause };
  });
  return { made: stacked, found: withCauses, contradictions: contradictionsIn(stacked) };
}

/** Where classes of one layer ask for more than the layer itself. */
export function looseClasses(layer: Stacked): readonly Loosening[] {
  const { classes = {} } = layer.content;
  const joining: Joining = { upper: layer, lower: layer, made: new Map(), found: [] };
  for (const [name, section] of Object.entries(classes)) compareClass(name, section, ancestors(name, classes), joining);
  return joining.found;
}
