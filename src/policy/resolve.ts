/**
 * From file, class and flags to the rules a run obeys: frozen plain data, and where each value came from.
 *
 * Single values: defaults < built-in class < file < class in the file < flags; the later one wins. A person at the
 * terminal may set a limit in either direction, but not beyond what layers of the host allow (`stack/`). Lists that restrict (`protect`, `paths.deny`, risk zones) only add up.
 */
import type { CheckSpec } from '../core/check.ts';
import { LoopwrightError } from '../core/errors.ts';
import { LIMIT_NAMES, type Ceiling, type LimitName, type Limits } from '../core/limit.ts';
import type { Autonomy, BaselineRule, ResolvedPolicy, RiskZone, SandboxName } from '../core/policy.ts';
import { canonicalJson, deepFreeze } from './canonical.ts';
import { resolveChecks } from './check-specs.ts';
import { classChain, type ClassChain } from './class-chain.ts';
import { DEFAULT_AUTONOMY, DEFAULT_CLASS, DEFAULT_LIMITS, DEFAULT_REVIEW_MINUTES } from './classes.ts';
import { resolveCommands } from './command-rules.ts';
import type { CodeOwners } from './owned-paths.ts';
import type { PolicyFile } from './content.ts';
import { fileLayers, pick, type Layer } from './layers.ts';
import { LIMIT_FORMS } from './limit-quantities.ts';
import { resolveDailyCost, resolveModels } from './model-rules.ts';
import { resolveNetwork } from './network-rules.ts';
import { fileOrigin, type Notes, type PolicyOrigins } from './origins.ts';
import { resolveApprovals } from './resolve-approvals.ts';
import { resolvePublish } from './resolve-publish.ts';
import { resolveDetectors } from './resolve-detectors.ts';
import { resolveResources } from './resolve-resources.ts';
import { resolveSecrets } from './secret-rules.ts';
import { resolvePaths, resolveProtect, resolveZones } from './resolve-lists.ts';

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
  /** CODEOWNERS of the base revision; null where there is none; undefined where nobody looked. */
  readonly codeOwners?: CodeOwners | null | undefined;
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

function noAgent(): LoopwrightError {
  return new LoopwrightError('LW_AGENT_UNKNOWN', {
    message: 'no agent is named, neither by `--agent` nor by `agent` in loopwright.yaml',
    next: 'Name one: `loopwright run --agent NAME GOAL`, or any program: `loopwright run --agent command GOAL -- PROGRAM ARGS`. `loopwright agents` lists them; `loopwright agents install pi` installs one, which then needs no name.',
  });
}

function resolveAgent(notes: Notes, request: PolicyRequest): ResolvedPolicy['agent'] {
  const { file } = request;
  const flags = request.flags ?? {};
  const section = file?.content.agent;
  const driver = flags.agent ?? section?.driver ?? request.defaults?.agent;
  if (driver === undefined) throw noAgent();
  // Options belong to the driver they were written for.
  const inFile = section?.driver === driver;
  const origin = inFile && file !== null ? fileOrigin(file, 'agent') : 'default';
  notes.origins['agent.driver'] = flags.agent === undefined ? origin : '--agent';
  notes.origins['agent.options'] = flags.agentOptions === undefined ? origin : 'command line';
  return { driver, options: plainOptions(inFile ? section.options : undefined, flags.agentOptions) };
}

/** Through JSON, so that the frozen policy shares nothing with its caller and holds nothing a log could not. */
function plainOptions(...layers: readonly (Readonly<Record<string, unknown>> | undefined)[]): Record<string, unknown> {
  return JSON.parse(canonicalJson(Object.assign({}, ...layers))) as Record<string, unknown>;
}

const AUTONOMY: readonly Autonomy[] = ['report', 'propose', 'land'];

/** What the file says of the whole repository is the most that a class may have. */
function resolveAutonomy(notes: Notes, file: PolicyFile | null, chain: ClassChain): Autonomy {
  const most = file?.content.autonomy;
  const origin = file === null || most === undefined ? 'default' : fileOrigin(file, 'autonomy');
  const level = pick<Autonomy>(
    notes,
    'class.autonomy',
    { value: most ?? DEFAULT_AUTONOMY, origin },
    chain.sections.map(({ name, section }) => ({
      value: section.autonomy,
      origin: file === null ? 'default' : fileOrigin(file, `classes.${name}.autonomy`),
    })),
  );
  if (most === undefined || AUTONOMY.indexOf(level) <= AUTONOMY.indexOf(most)) return level;
  notes.origins['class.autonomy'] = origin;
  return most;
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
    autonomy: resolveAutonomy(notes, file, chain),
  };
}

export interface ResolvedWithOrigins {
  readonly policy: ResolvedPolicy;
  readonly origins: PolicyOrigins;
}

/** A zone by owner that covers nothing guards nothing. */
function refuseUnowned(zones: readonly RiskZone[], codeOwners: CodeOwners | null): void {
  const zone = zones.find(({ owners, owned }) => owners !== undefined && owned?.length === 0);
  if (zone === undefined) return;
  const where = codeOwners === null ? 'there is no CODEOWNERS' : `${codeOwners.fileName} gives them nothing`;
  throw new LoopwrightError('LW_POLICY_INVALID', {
    message: `the risk zone \`${zone.name}\` covers what ${zone.owners?.join(', ')} own, but ${where} on the base revision`,
    next: 'Correct `owners` in loopwright.yaml or CODEOWNERS, and commit it.',
    details: { zone: zone.name, owners: zone.owners },
  });
}

function resolveProof(notes: Notes, file: PolicyFile | null, chain: ClassChain): { readonly mutants: number } {
  const { builtIn } = chain;
  const preset = { value: builtIn.mutants ?? 0, origin: `class ${builtIn.name}` };
  const written = file?.content.proof?.mutants;
  const origin = file === null ? 'default' : fileOrigin(file, 'proof.mutants');
  return { mutants: pick<number>(notes, 'proof.mutants', preset, [{ value: written, origin }]) };
}

function resolveReview(notes: Notes, file: PolicyFile | null, chain: ClassChain): { readonly minutes: Ceiling } {
  const own = chain.builtIn.reviewMinutes;
  const preset =
    own === undefined
      ? { value: DEFAULT_REVIEW_MINUTES, origin: 'default' }
      : { value: own, origin: `class ${chain.builtIn.name}` };
  const origin = file === null ? 'default' : fileOrigin(file, 'review.minutes');
  return {
    minutes: pick<Ceiling>(notes, 'review.minutes', preset, [{ value: file?.content.review?.minutes, origin }]),
  };
}

/** What is written only: without it the tools and their files are asked. */
function resolveMigrations(
  notes: Notes,
  file: PolicyFile | null,
  { builtIn }: ClassChain,
): Pick<ResolvedPolicy, 'migrations'> {
  const { database, up, down } = file?.content.migrations ?? {};
  const written = Object.entries({ database, up, down }).filter(([, value]) => value !== undefined);
  for (const [key] of written) {
    if (file !== null) notes.origins[`migrations.${key}`] = fileOrigin(file, `migrations.${key}`);
  }
  if (builtIn.migrations === true) notes.origins['migrations.required'] = `class ${builtIn.name}`;
  const required = builtIn.migrations === true ? { required: true as const } : {};
  const rules = { ...required, ...Object.fromEntries(written) };
  return Object.keys(rules).length === 0 ? {} : { migrations: rules };
}

/** Protected whatever an exception says: a held-back check whose files the agent can replace proves nothing. */
function heldBackFiles(checks: readonly CheckSpec[], sandbox: SandboxName): readonly string[] {
  const files = checks.flatMap(({ hidden = [] }) => hidden);
  if (files.length === 0 || sandbox !== 'none') return files;
  throw new LoopwrightError('LW_POLICY_INVALID', {
    message: 'a check has `hidden` files, and without a sandbox nothing hides them from the agent',
    next: 'Use `sandbox: bubblewrap`, or remove `hidden`.',
  });
}

/** Layers of the host hold for flags too. */
function admit(file: PolicyFile | null, flags: PolicyFlags, chain: ClassChain): void {
  file?.stack?.admit(flags, chain);
}

/** Absent where there are none, so that policies of before keep their hash. */
function layersOf(file: PolicyFile | null): Pick<ResolvedPolicy, 'layers'> {
  const layers = file?.stack?.layers;
  return layers === undefined ? {} : { layers };
}

/** `resolvePolicy` and `explainPolicy` in one go. */
export function resolveWithOrigins(request: PolicyRequest): ResolvedWithOrigins {
  const { file } = request;
  const flags = request.flags ?? {};
  const notes: Notes = { origins: {} };
  const chain = classChain(request.className ?? DEFAULT_CLASS, file);
  admit(file, flags, chain);
  const layers = fileLayers(file, chain);
  const content = file?.content;
  const at = (key: string): string => (file === null ? 'default' : fileOrigin(file, key));
  const checks: readonly CheckSpec[] = resolveChecks(notes, file, chain, flags.checks ?? []);
  notes.origins['class.name'] = request.className === null || request.className === undefined ? 'default' : '--class';
  for (const name of Object.keys(content?.environment ?? {}))
    notes.origins[`environment.${name}`] = at(`environment.${name}`);
  const sandbox = pick<SandboxName>(notes, 'sandbox', { value: 'bubblewrap', origin: 'default' }, [
    { value: content?.sandbox, origin: at('sandbox') },
    { value: flags.sandbox, origin: '--sandbox' },
  ]);
  const risk = resolveZones(notes, layers, request.codeOwners ?? null);
  if (request.codeOwners !== undefined) refuseUnowned(risk, request.codeOwners);
  const policy: ResolvedPolicy = {
    version: 1,
    ...layersOf(file),
    class: resolveClass(notes, file, chain),
    agent: resolveAgent(notes, request),
    owner: pick<string | null>(notes, 'owner', { value: null, origin: 'default' }, [
      { value: content?.owner, origin: at('owner') },
    ]),
    checks,
    protect: [...resolveProtect(notes, chain, layers), ...heldBackFiles(checks, sandbox)],
    paths: resolvePaths(notes, chain, layers),
    sandbox,
    environment: { ...content?.environment },
    limits: resolveLimits(notes, chain, layers, flags),
    resources: resolveResources(notes, layers),
    dailyCostUsd: resolveDailyCost(notes, layers),
    models: resolveModels(notes, file),
    commands: resolveCommands(notes, file, sandbox),
    network: resolveNetwork(notes, layers),
    secrets: resolveSecrets(notes, file),
    detectors: resolveDetectors(notes, chain, layers),
    proof: resolveProof(notes, file, chain),
    review: resolveReview(notes, file, chain),
    ...resolveMigrations(notes, file, chain),
    risk,
    approvals: resolveApprovals(notes, file),
    publish: resolvePublish(notes, file),
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
