/**
 * From file, class and flags to the rules a run obeys: frozen plain data, and where each value came from.
 *
 * Single values: defaults < built-in class < file < class in the file < flags; the later one wins. A person at the
 * terminal may set a limit in either direction. Lists that restrict (`protect`, `paths.deny`, risk zones) only add up.
 */
import { LoopwrightError } from '../core/errors.ts';
import type { CheckSpec } from '../core/check.ts';
import type { Ceiling, LimitName, Limits } from '../core/limit.ts';
import { LIMIT_NAMES } from '../core/limit.ts';
import type { BaselineRule, DetectorSettings, ResolvedPolicy, RiskZone, SandboxName } from '../core/policy.ts';
import { canonicalJson, deepFreeze } from './canonical.ts';
import { resolveChecks } from './check-specs.ts';
import { classChain, type ClassChain } from './class-chain.ts';
import { DEFAULT_CLASS, DEFAULT_DEPENDENCIES, DEFAULT_DETECTORS, DEFAULT_LIMITS } from './classes.ts';
import type { PolicyFile, SharedSections, ZoneSection } from './content.ts';
import { LIMIT_FORMS } from './limit-quantities.ts';
import { fileOrigin, type Notes, type PolicyOrigins } from './origins.ts';
import { POLICY_FILE } from './protected-files.ts';
import { DEFAULT_ZONES } from './risk-zones.ts';

export { hashPolicy } from './canonical.ts';
export type { PolicyOrigins } from './origins.ts';

/** What a person gave on the command line. Limits are already read by `parseLimitFlag`. */
export interface PolicyFlags {
  readonly agent?: string | undefined;
  /** Options for that driver, such as `{ argv }` of `command`. */
  readonly agentOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Command lines of `--check`; they replace the checks of the file. */
  readonly checks?: readonly string[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly sandbox?: SandboxName | undefined;
}

/** What the host knows and nobody configured. */
export interface PolicyDefaults {
  /** The agent that is used when nobody names one. */
  readonly agent?: string | undefined;
}

export interface PolicyRequest {
  readonly file: PolicyFile | null;
  /** null: the default class. */
  readonly className?: string | null | undefined;
  readonly flags?: PolicyFlags | undefined;
  readonly defaults?: PolicyDefaults | undefined;
}

/** One layer of settings, with the way to say where a key of it stands. */
interface Layer {
  readonly sections: SharedSections;
  readonly originOf: (key: string) => string;
}

/** The file itself, then its class sections from general to special. */
function fileLayers(file: PolicyFile | null, chain: ClassChain): readonly Layer[] {
  if (file === null) return [];
  return [
    { sections: file.content, originOf: (key) => fileOrigin(file, key) },
    ...chain.sections.map(({ name, section }) => ({
      sections: section,
      originOf: (key: string) => fileOrigin(file, `classes.${name}.${key}`),
    })),
  ];
}

interface Candidate<T> {
  readonly value: T | undefined;
  readonly origin: string;
}

function pick<T>(notes: Notes, path: string, first: Candidate<T> & { value: T }, later: readonly Candidate<T>[]): T {
  let chosen: { value: T; origin: string } = first;
  for (const { value, origin } of later) if (value !== undefined) chosen = { value, origin };
  notes.origins[path] = chosen.origin;
  return chosen.value;
}

function resolveLimits(notes: Notes, chain: ClassChain, layers: readonly Layer[], flags: PolicyFlags): Limits {
  const resolved: Partial<Record<LimitName, Ceiling>> = {};
  for (const name of LIMIT_NAMES) {
    const form = LIMIT_FORMS[name];
    resolved[name] = pick<Ceiling>(notes, `limits.${name}`, { value: DEFAULT_LIMITS[name], origin: 'default' }, [
      { value: chain.builtIn.limits[name], origin: `class ${chain.builtIn.name}` },
      ...layers.map(({ sections, originOf }) => ({
        value: sections.limits?.[form.key],
        origin: originOf(`limits.${form.key}`),
      })),
      { value: flags.limits?.[name], origin: form.flag },
    ]);
  }
  return resolved as Limits;
}

function resolveDetectors(notes: Notes, chain: ClassChain, layers: readonly Layer[]): DetectorSettings {
  const preset = chain.builtIn.detectors;
  const origin = `class ${chain.builtIn.name}`;
  const of = <T>(
    field: keyof DetectorSettings,
    key: 'repeated-failure' | 'no-progress' | 'protected-edit',
    first: T,
    values: readonly (T | undefined)[],
  ): T =>
    pick<T>(notes, `detectors.${field}`, { value: first, origin: 'default' }, [
      { value: values[0], origin },
      ...layers.map(({ originOf }, index) => ({ value: values[index + 1], origin: originOf(`detectors.${key}`) })),
    ]);
  const sections = layers.map((layer) => layer.sections.detectors);
  return {
    repeatedFailureIterations: of(
      'repeatedFailureIterations',
      'repeated-failure',
      DEFAULT_DETECTORS.repeatedFailureIterations,
      [preset.repeatedFailureIterations, ...sections.map((section) => section?.['repeated-failure'])],
    ),
    noProgressIterations: of('noProgressIterations', 'no-progress', DEFAULT_DETECTORS.noProgressIterations, [
      preset.noProgressIterations,
      ...sections.map((section) => section?.['no-progress']),
    ]),
    protectedEdit: of('protectedEdit', 'protected-edit', DEFAULT_DETECTORS.protectedEdit, [
      preset.protectedEdit,
      ...sections.map((section) => section?.['protected-edit']),
    ]),
  };
}

/**
 * Globs that add up, then the exceptions (`!glob`), then the policy itself, which no exception reaches. The last match
 * wins, see `globs.ts`.
 */
function resolveProtect(notes: Notes, chain: ClassChain, layers: readonly Layer[]): readonly string[] {
  const globs = [...chain.builtIn.protect];
  const except: string[] = [];
  const origins = [`class ${chain.builtIn.name}`];
  for (const { sections, originOf } of layers) {
    if (sections.protect === undefined) continue;
    globs.push(...(sections.protect.files ?? []));
    except.push(...(sections.protect.except ?? []).map((glob) => `!${glob}`));
    origins.push(originOf('protect'));
  }
  notes.origins['protect'] = origins.join(', ');
  const last = except.length > 0 ? [...except, POLICY_FILE] : [];
  return [...new Set(globs), ...last];
}

/** The scope: a class of the file replaces; otherwise what the file allows narrows what the built-in class allows. */
function resolvePaths(notes: Notes, chain: ClassChain, layers: readonly Layer[]): ResolvedPolicy['paths'] {
  const [top, ...special] = layers;
  const classAllow = special.findLast(({ sections }) => sections.paths?.allow !== undefined);
  const deny: string[] = [];
  const denyOrigins: string[] = [];
  let allow: readonly string[] = chain.builtIn.allow ?? ['**'];
  notes.origins['paths.allow'] = chain.builtIn.allow === null ? 'default' : `class ${chain.builtIn.name}`;
  const topAllow = top?.sections.paths?.allow;
  if (classAllow?.sections.paths?.allow !== undefined) {
    allow = classAllow.sections.paths.allow;
    notes.origins['paths.allow'] = classAllow.originOf('paths.allow');
  } else if (top !== undefined && topAllow !== undefined) {
    if (chain.builtIn.allow === null) {
      allow = topAllow;
      notes.origins['paths.allow'] = top.originOf('paths.allow');
    } else {
      // Both have to allow: everything is denied but what the file allows.
      deny.push('**', ...topAllow.map((glob) => `!${glob}`));
      denyOrigins.push(top.originOf('paths.allow'));
    }
  }
  for (const { sections, originOf } of layers) {
    if (sections.paths?.deny === undefined) continue;
    deny.push(...sections.paths.deny);
    denyOrigins.push(originOf('paths.deny'));
  }
  notes.origins['paths.deny'] = denyOrigins.length === 0 ? 'default' : denyOrigins.join(', ');
  const dependencies = pick<readonly string[]>(
    notes,
    'paths.dependencies',
    { value: DEFAULT_DEPENDENCIES, origin: 'default' },
    layers.map(({ sections, originOf }) => ({
      value: sections.paths?.dependencies,
      origin: originOf('paths.dependencies'),
    })),
  );
  return { allow, deny, dependencies };
}

function resolveZones(notes: Notes, layers: readonly Layer[]): readonly RiskZone[] {
  const zones = new Map<string, RiskZone>(DEFAULT_ZONES.map((zone) => [zone.name, zone]));
  for (const zone of DEFAULT_ZONES) notes.origins[`risk.${zone.name}`] = 'default';
  for (const { sections, originOf } of layers) {
    for (const [index, zone] of (sections.risk ?? []).entries()) {
      notes.origins[`risk.${zone.name}`] = originOf(`risk.${index}`);
      const changed = changeZone(zones.get(zone.name), zone);
      if (changed === null) zones.delete(zone.name);
      else zones.set(zone.name, changed);
    }
  }
  return [...zones.values()];
}

function changeZone(known: RiskZone | undefined, zone: ZoneSection): RiskZone | null {
  if (zone.paths === 'off') return null;
  return {
    name: zone.name,
    paths: zone.paths ?? known?.paths ?? [],
    reason: zone.reason ?? known?.reason ?? 'Named in the policy.',
  };
}

function noAgent(): LoopwrightError {
  return new LoopwrightError('LW_AGENT_UNKNOWN', {
    message: 'no agent is named, neither by `--agent` nor by `agent` in loopwright.yaml',
    next: 'Name one: `loopwright run --agent NAME GOAL`, or any program: `loopwright run --agent command GOAL -- PROGRAM ARGS`. `loopwright` lists the agents found here.',
  });
}

function resolveAgent(notes: Notes, request: PolicyRequest): ResolvedPolicy['agent'] {
  const { file, flags } = request;
  const section = file?.content.agent;
  const driver = flags?.agent ?? section?.driver ?? request.defaults?.agent;
  if (driver === undefined) throw noAgent();
  // Options belong to the driver they were written for.
  const own = section?.driver === driver ? section : null;
  const origin = own === null || file === null ? 'default' : fileOrigin(file, 'agent');
  notes.origins['agent.driver'] = flags?.agent === undefined ? origin : '--agent';
  notes.origins['agent.options'] = flags?.agentOptions === undefined ? origin : 'command line';
  // Through JSON, so that the frozen policy shares nothing with its caller and holds nothing a log could not.
  const options = JSON.parse(canonicalJson({ ...own?.options, ...flags?.agentOptions })) as Record<string, unknown>;
  return { driver, options };
}

function resolveClass(notes: Notes, file: PolicyFile | null, chain: ClassChain): ResolvedPolicy['class'] {
  const origin = `class ${chain.builtIn.name}`;
  const named = chain.sections.map(({ name, section }) => ({
    section,
    originOf: (key: string) => (file === null ? 'default' : fileOrigin(file, `classes.${name}.${key}`)),
  }));
  return {
    name: chain.name,
    summary: pick<string>(
      notes,
      'class.summary',
      { value: chain.builtIn.summary, origin },
      named.map(({ section, originOf }) => ({ value: section.summary, origin: originOf('summary') })),
    ),
    baseline: pick<BaselineRule>(
      notes,
      'class.baseline',
      { value: chain.builtIn.baseline, origin },
      named.map(({ section, originOf }) => ({ value: section.baseline, origin: originOf('baseline') })),
    ),
  };
}

export interface ResolvedWithOrigins {
  readonly policy: ResolvedPolicy;
  readonly origins: PolicyOrigins;
}

/** `resolvePolicy` and `explainPolicy` in one go. */
export function resolveWithOrigins(request: PolicyRequest): ResolvedWithOrigins {
  const { file } = request;
  const flags = request.flags ?? {};
  const notes: Notes = { origins: {} };
  const chain = classChain(request.className ?? DEFAULT_CLASS, file);
  const layers = fileLayers(file, chain);
  const content = file?.content;
  const at = (key: string): string => (file === null ? 'default' : fileOrigin(file, key));
  const checks: readonly CheckSpec[] = resolveChecks(notes, file, chain, flags.checks ?? []);
  notes.origins['class.name'] = request.className === null || request.className === undefined ? 'default' : '--class';
  for (const name of Object.keys(content?.environment ?? {}))
    notes.origins[`environment.${name}`] = at(`environment.${name}`);
  const policy: ResolvedPolicy = {
    version: 1,
    class: resolveClass(notes, file, chain),
    agent: resolveAgent(notes, request),
    owner: pick<string | null>(notes, 'owner', { value: null, origin: 'default' }, [
      { value: content?.owner, origin: at('owner') },
    ]),
    checks,
    protect: resolveProtect(notes, chain, layers),
    paths: resolvePaths(notes, chain, layers),
    sandbox: pick<SandboxName>(notes, 'sandbox', { value: 'bubblewrap', origin: 'default' }, [
      { value: content?.sandbox, origin: at('sandbox') },
      { value: flags.sandbox, origin: '--sandbox' },
    ]),
    environment: { ...content?.environment },
    limits: resolveLimits(notes, chain, layers, flags),
    detectors: resolveDetectors(notes, chain, layers),
    risk: resolveZones(notes, layers),
  };
  return { policy: deepFreeze(structuredClone(policy)), origins: Object.freeze(notes.origins) };
}

/**
 * The rules of a run. Throws `LW_CLASS_UNKNOWN`, `LW_AGENT_UNKNOWN`, or `LW_NO_ACCEPTANCE` when there is no check.
 * The options of the driver are not looked at: that is `Driver.options`.
 */
export function resolvePolicy(request: PolicyRequest): ResolvedPolicy {
  return resolveWithOrigins(request).policy;
}

/** Where each value of `resolvePolicy(request)` came from. Throws what that throws. */
export function explainPolicy(request: PolicyRequest): PolicyOrigins {
  return resolveWithOrigins(request).origins;
}
