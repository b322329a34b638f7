/** What a person says on the command line beside what layers of the host allow. */
import type { Ceiling } from '../../core/limit.ts';
import { LIMIT_NAMES } from '../../core/limit.ts';
import type { FlagWishes } from '../content.ts';
import { formatCeiling, LIMIT_FORMS } from '../limit-quantities.ts';
import type { Place } from '../place.ts';
import { joinPath, type Path } from '../yaml-tree.ts';
import { isLooser } from './compare.ts';
import { CONFINED, directedLeaves, type Direction } from './directions.ts';
import { loosened } from './loosened.ts';
import type { Stacked } from './join.ts';
import type { Loosening } from './merge.ts';
import { placeAt } from './places.ts';

interface Asked {
  /** As in the file. */
  readonly path: Path;
  readonly flag: string;
  readonly value: unknown;
  readonly text: string;
}

function askedBy(flags: FlagWishes): readonly Asked[] {
  const limits = LIMIT_NAMES.flatMap((name): readonly Asked[] => {
    const value: Ceiling | undefined = flags.limits?.[name];
    const { key, flag } = LIMIT_FORMS[name];
    return value === undefined ? [] : [{ path: ['limits', key], flag, value, text: formatCeiling(name, value) }];
  });
  const { agent, sandbox } = flags;
  return [
    ...limits,
    ...(agent === undefined ? [] : [{ path: ['agent', 'driver'], flag: '--agent', value: agent, text: agent }]),
    ...(sandbox === undefined ? [] : [{ path: ['sandbox'], flag: '--sandbox', value: sandbox, text: sandbox }]),
  ];
}

function valueAt(content: unknown, path: Path): unknown {
  let value: unknown = content;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

function flagPlace(flag: string, text: string): Place {
  return { file: flag, source: flag, line: 0, col: 0, keyLine: 0, text };
}

/** Sections of the layers above that speak of runs of a class, as paths. */
function speaking({ content }: Stacked, classes: readonly string[]): readonly Path[] {
  const said = classes.filter((name) => Object.hasOwn(content.classes ?? {}, name));
  return [[], ...said.map((name): Path => ['classes', name])];
}

function directionOf(path: Path): Direction {
  return directedLeaves().get(joinPath(path)) ?? { kind: 'fixed' };
}

/** Options of the agent that a layer gives, and the command line says differently. */
function looseOptions({ content, places }: Stacked, flags: FlagWishes): readonly Loosening[] {
  const options = content.agent?.options ?? {};
  const path = ['agent', 'options'];
  return Object.entries(flags.agentOptions ?? {}).flatMap(([name, value]): readonly Loosening[] => {
    if (!Object.hasOwn(options, name) || !isLooser({ kind: 'fixed' }, options[name], value)) return [];
    const lower = flagPlace('the command line', JSON.stringify(value));
    const at = [...path, name];
    return [{ path: at, upperPath: at, direction: { kind: 'fixed' }, upper: placeAt(places, at), lower, stray: [] }];
  });
}

/** `classes`: of the run, from general to special. Throws `LW_POLICY_LOOSENED` where flags ask for more than `upper` allows. */
export function refuseLooseFlags(upper: Stacked, classes: readonly string[], flags: FlagWishes): void {
  const { content, places } = upper;
  const found = askedBy(flags).flatMap(({ path, flag, value, text }): readonly Loosening[] => {
    const direction = directionOf(path);
    const lower = flagPlace(flag, text);
    const loose = speaking(upper, classes).flatMap((section): readonly Loosening[] => {
      const upperPath = [...section, ...path];
      const said = valueAt(content, upperPath);
      if (said === undefined || !isLooser(direction, said, value)) return [];
      return [{ path, upperPath, direction, upper: placeAt(places, upperPath), lower, stray: [] }];
    });
    const bare = path[0] === 'sandbox' && content.sandbox === undefined && isLooser(direction, CONFINED, value);
    if (!bare) return loose;
    return [{ path, upperPath: path, direction, upper: placeAt(places, []), lower, stray: [], impliedBy: [] }];
  });
  const all = [...found, ...looseOptions(upper, flags)];
  if (all.length > 0) throw loosened(all);
}
