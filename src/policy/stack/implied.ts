/**
 * What an upper layer says by saying something else. A ceiling on cost holds nothing when a lower layer may set the prices, and
 * a list of what is allowed holds nothing when the rest is allowed too.
 */
import { BUILT_IN_CLASSES, DEFAULT_CLASS } from '../classes.ts';
import { GATEWAY_KEYS } from '../consistency.ts';
import type { ClassSection, ModelsSection, PolicyContent, SharedSections, ZoneSection } from '../content.ts';
import { literalPrefix } from '../globs.ts';
import type { Places } from '../place.ts';
import { DEFAULT_ZONES } from '../risk-zones.ts';
import type { Path } from '../yaml-tree.ts';
import { CONFINED, type Direction } from './directions.ts';
import type { Loosening } from './merge.ts';
import { placeAt } from './places.ts';

/** A key that is meant, and the key that was said. */
interface Implication {
  readonly path: Path;
  readonly because: Path;
}

export interface Bounds {
  /** With what is meant filled in; not all of it is a policy. */
  readonly content: object;
  readonly implications: readonly Implication[];
}

type Classes = NonNullable<PolicyContent['classes']>;

/** Every place where the key is said: at the top and in classes. */
function saying(content: PolicyContent, key: (sections: SharedSections) => unknown, path: Path): readonly Path[] {
  const inClasses = Object.entries(content.classes ?? {}).filter(([, section]) => key(section) !== undefined);
  return [
    ...(key(content) === undefined ? [] : [path]),
    ...inClasses.map(([name]): Path => ['classes', name, ...path]),
  ];
}

function costPaths(content: PolicyContent): readonly Path[] {
  return [
    ...saying(content, ({ limits }) => limits?.['cost-usd'], ['limits', 'cost-usd']),
    ...saying(content, ({ limits }) => limits?.['daily-cost-usd'], ['limits', 'daily-cost-usd']),
  ];
}

function impliedModels(content: PolicyContent): readonly (Implication & { readonly value: unknown })[] {
  const { models } = content;
  const cost = costPaths(content)[0];
  const tokens = saying(content, ({ limits }) => limits?.tokens, ['limits', 'tokens'])[0];
  const kept = GATEWAY_KEYS.find((key) => models?.[key] !== undefined);
  const counted = cost ?? tokens ?? (kept === undefined ? undefined : ['models', kept]);
  const set = (key: keyof ModelsSection, value: unknown, because: Path | undefined) =>
    because === undefined || models?.[key] !== undefined ? [] : [{ path: ['models', key], value, because }];
  return [
    ...set('metering', 'gateway', counted),
    ...set('unknown-price', 'refuse', cost),
    ...set('prices', {}, cost),
    ...set('multipliers', {}, cost),
  ];
}

function impliedCommands({ commands }: PolicyContent): readonly (Implication & { readonly value: unknown })[] {
  const { allow, unmatched } = commands ?? {};
  const closed = unmatched !== undefined && unmatched !== 'allow';
  return [
    ...(allow === undefined && closed
      ? [{ path: ['commands', 'allow'], value: [], because: ['commands', 'unmatched'] }]
      : []),
    ...(unmatched === undefined && allow !== undefined && allow.length > 0
      ? [{ path: ['commands', 'unmatched'], value: 'hold', because: ['commands', 'allow'] }]
      : []),
  ];
}

/** A zone that is named without paths means those it has. */
function zonesWithPaths(zones: readonly ZoneSection[], above: readonly ZoneSection[]): readonly ZoneSection[] {
  return zones.map((zone) => {
    const known = [...above, ...DEFAULT_ZONES].find(({ name }) => name === zone.name);
    const paths = zone.paths ?? known?.paths;
    return paths === undefined ? zone : { ...zone, paths };
  });
}

function classesWithMeaning(classes: Classes, top: readonly ZoneSection[]): Classes {
  const meant = Object.entries(classes).map(([name, section]): [string, ClassSection] => {
    const base = section.extends ?? (BUILT_IN_CLASSES.has(name) ? name : DEFAULT_CLASS);
    const risk = section.risk === undefined ? {} : { risk: zonesWithPaths(section.risk, top) };
    return [name, { ...section, ...risk, extends: base }];
  });
  return Object.fromEntries(meant);
}

/** Of layers of the host: being there at all asks for a sandbox, without which nothing holds most of what they say. */
export function boundsOf(content: PolicyContent): Bounds {
  const implied = [...impliedModels(content), ...impliedCommands(content)];
  const filled: Record<string, Record<string, unknown>> = {
    models: { ...content.models },
    commands: { ...content.commands },
  };
  for (const { path, value } of implied) {
    const [section = '', key = ''] = path.map(String);
    filled[section] = { ...filled[section], [key]: value };
  }
  const risk = content.risk === undefined ? undefined : zonesWithPaths(content.risk, []);
  const used = Object.entries(filled).filter(([, section]) => Object.keys(section).length > 0);
  return {
    content: {
      ...content,
      ...Object.fromEntries(used),
      sandbox: content.sandbox ?? CONFINED,
      ...(risk === undefined ? {} : { risk }),
      ...(content.classes === undefined ? {} : { classes: classesWithMeaning(content.classes, risk ?? []) }),
    },
    implications: [...implied, ...(content.sandbox === undefined ? [{ path: ['sandbox'], because: [] }] : [])],
  };
}

/** Whether nothing can match both. Errs towards no. */
function areApart(one: string, other: string): boolean {
  if (/[|()\\]/.test(one + other)) return false;
  const [first, second] = [literalPrefix(one).toLowerCase(), literalPrefix(other).toLowerCase()];
  if (first === '' || second === '') return false;
  return !`${first}/`.startsWith(`${second}/`) && !`${second}/`.startsWith(`${first}/`);
}

const NOT_EXCEPTED: Direction = { kind: 'fixed' };

/** Exceptions of a lower layer that would reach what an upper layer protects. */
export function exceptedProtection(
  upper: { readonly sections: SharedSections; readonly path: Path; readonly places: Places },
  lower: { readonly sections: SharedSections; readonly path: Path; readonly places: Places },
): readonly Loosening[] {
  const files = upper.sections.protect?.files ?? [];
  const allowed = upper.sections.protect?.except ?? [];
  const stray = (lower.sections.protect?.except ?? []).filter(
    (glob) => !allowed.includes(glob) && files.some((file) => !areApart(glob, file)),
  );
  if (stray.length === 0) return [];
  const path = [...lower.path, 'protect', 'except'];
  return [
    {
      path,
      upperPath: [...upper.path, 'protect', 'except'],
      direction: NOT_EXCEPTED,
      upper: placeAt(upper.places, [...upper.path, 'protect', 'files']),
      lower: placeAt(lower.places, path),
      stray,
      impliedBy: [...upper.path, 'protect', 'files'],
    },
  ];
}

/** They decide which program a command is, or what it loads before it begins (ld.so(8), bash(1), node(1) and their like). */
const DECIDING =
  /^(?:PATH|LD_\w+|BASH_ENV|ENV|IFS|SHELLOPTS|NODE_OPTIONS|NODE_PATH|PYTHON(?:PATH|STARTUP|HOME)|RUBY(?:OPT|LIB)|PERL5(?:OPT|LIB)|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|GIT_\w+)$/;

/** Variables of a lower layer that would say what the command of an upper layer's check is. */
export function decidedCommands(
  upper: { readonly sections: PolicyContent; readonly places: Places },
  lower: { readonly sections: PolicyContent; readonly places: Places },
): readonly Loosening[] {
  const [check] = Object.keys(upper.sections.checks ?? {});
  if (check === undefined) return [];
  const names = Object.keys(lower.sections.environment ?? {}).filter(
    (name) => DECIDING.test(name) && upper.sections.environment?.[name] === undefined,
  );
  return names.map((name) => ({
    path: ['environment', name],
    upperPath: ['checks', check],
    direction: { kind: 'fixed' },
    upper: placeAt(upper.places, ['checks', check]),
    lower: placeAt(lower.places, ['environment', name]),
    stray: [],
    impliedBy: ['checks', check],
  }));
}

/**
 * Exceptions of an upper layer end where a lower one protects: when a policy is resolved, an exception comes after every
 * file that is protected. Only exceptions that the lower layer says as well stay.
 */
export function withoutUndone<T extends SharedSections>(section: T, lower: readonly (SharedSections | undefined)[]): T {
  const { protect } = section;
  if (protect?.except === undefined) return section;
  const files = lower.flatMap((one) => one?.protect?.files ?? []);
  const own = lower.flatMap((one) => one?.protect?.except ?? []);
  const except = protect.except.filter((glob) => own.includes(glob) || files.every((file) => areApart(glob, file)));
  return { ...section, protect: { ...protect, except } };
}

/** A lower layer that asks something of a built-in zone which an upper one turned off means the zone as it is built in. */
export function reopened(lower: PolicyContent, upper: PolicyContent): PolicyContent {
  const off = (upper.risk ?? []).filter(({ paths }) => paths === 'off').map(({ name }) => name);
  if (off.length === 0) return lower;
  const open = <T extends SharedSections>(section: T): T => {
    if (section.risk === undefined) return section;
    const risk = section.risk.flatMap((zone) => (off.includes(zone.name) ? zonesWithPaths([zone], []) : [zone]));
    return { ...section, risk };
  };
  const classes = Object.entries(lower.classes ?? {}).map(([name, section]) => [name, open(section)] as const);
  return { ...open(lower), ...(classes.length === 0 ? {} : { classes: Object.fromEntries(classes) }) };
}
