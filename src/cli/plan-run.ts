/** From flags, policy file and repository to everything a run will obey, before anything happens. */
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy, SandboxName } from '../core/policy.ts';
import { requireFence } from '../engine/egress.ts';
import type { RunPlan } from '../engine/start.ts';
import type { PolicyFlags, ResolvedWithOrigins } from '../policy/resolve.ts';
import type { Driver } from '../ports/driver.ts';
import type { RepositoryInfo } from '../ports/workspace.ts';
import type { Bench, Composition } from './compose.ts';
import { measurable } from './measurable.ts';
import { underLayers } from './layers.ts';
import { limitsIn } from './limit-flags.ts';
import type { LimitTexts } from './limit-flags.ts';
import { ownersOfRun } from './owners.ts';
import { operatorName } from './operator.ts';
import { planCloud } from './plan-cloud.ts';
import type { Terminal } from './terminal.ts';
import { unenforcedRules } from './unasked.ts';

/** What the command line says; null and empty where it is silent. */
export interface PlanRequest {
  readonly directory: string;
  readonly revision: string;
  readonly goal: string | null;
  readonly className: string | null;
  readonly agent: string | null;
  /** The model of a coding agent. */
  readonly model: string | null;
  /** The program of the command agent. */
  readonly argv: readonly string[];
  /** The program of the command agent calls models. */
  readonly models: boolean;
  /** Path of the scripted agent's script. */
  readonly script: string | null;
  readonly checks: readonly string[];
  readonly sandbox: SandboxName | null;
  /** As typed. */
  readonly limits: LimitTexts;
  /** Nobody is there to look. */
  readonly unattended?: boolean;
}

export interface Planned {
  readonly plan: RunPlan;
  readonly bench: Bench;
  readonly repository: RepositoryInfo;
  readonly explained: ResolvedWithOrigins;
}

/** A goal for programs that need none: what they are is what they do. */
function goalOf(request: PlanRequest, className: string): string {
  if (request.goal !== null && request.goal.trim() !== '') return request.goal.trim();
  if (request.argv.length > 0) return `Run \`${request.argv.join(' ')}\` (${className}).`;
  throw new LoopwrightError('LW_USAGE', {
    message: 'there is no goal: `loopwright run` needs a sentence that says what to achieve',
    next: 'Example: loopwright run "make the failing test green" --check "npm test"',
  });
}

async function agentOptions(
  request: PlanRequest,
  terminal: Terminal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  // One that does not go with the agent is refused by its driver.
  const model = request.model === null ? {} : { model: request.model };
  if (request.argv.length > 0) return { argv: request.argv, ...(request.models ? { models: true } : {}), ...model };
  if (request.script === null) return request.model === null ? undefined : model;
  const path = resolve(terminal.cwd, request.script);
  try {
    return { script: await readFile(path, 'utf8'), name: basename(path), ...model };
  } catch (error) {
    throw new LoopwrightError('LW_AGENT_OPTIONS', {
      message: `the script ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      next: 'Give --script the path of a YAML file; `demo/scripts` holds three.',
      cause: error,
    });
  }
}

/** Said here, in the words of the command line: the driver only knows that something is missing. */
function refuseNoScript(driver: string, options: Readonly<Record<string, unknown>>): void {
  if (driver !== 'scripted' || Object.keys(options).length > 0) return;
  throw new LoopwrightError('LW_AGENT_OPTIONS', {
    message: 'the scripted agent has no script: `--script` is missing',
    next: 'Give one: `loopwright run --agent scripted --script FILE GOAL`; `demo/scripts` holds three.',
  });
}

/** Who works on the forge's copy of the repository sees all of it. */
function refuseUnhidden({ checks }: ResolvedPolicy, driver: Driver): void {
  const held = checks.find(({ hidden }) => hidden !== undefined);
  if (driver.cloud === undefined || held === undefined) return;
  throw new LoopwrightError('LW_POLICY_INVALID', {
    message: `check ${held.id} has \`hidden\` files, but ${driver.id} works in its vendor's cloud, where nothing hides them`,
    next: 'Run an agent in the sandbox, or pick a class without held-back checks.',
  });
}

/** A ceiling on spend that nothing here can hold is refused, not pretended. */
function refuseUnenforceable(policy: ResolvedPolicy, request: PlanRequest, driver: Driver): void {
  const asked = request.limits.costUsd ?? request.limits.tokens;
  if (asked === undefined) return;
  if (driver.cloud !== undefined) {
    throw new LoopwrightError('LW_LIMIT_UNENFORCEABLE', {
      message: `a ceiling of ${asked} on spend was asked for, but ${driver.id} works in its vendor's cloud, where nothing here meters it`,
      next: "Leave out the ceiling; the vendor's own limit, where it has one, is an option of the agent (docs/cloud-agents.md).",
    });
  }
  if (policy.models.metering === 'agent-claims') {
    throw new LoopwrightError('LW_LIMIT_UNENFORCEABLE', {
      message: `a ceiling of ${asked} on spend was asked for, but the policy leaves counting to the agent (models.metering: agent-claims)`,
      next: 'Leave out the ceiling, or let the gateway count: `metering: gateway`.',
    });
  }
  if (policy.sandbox !== 'none') return;
  throw new LoopwrightError('LW_LIMIT_UNENFORCEABLE', {
    message: `a ceiling of ${asked} on spend was asked for, but without a sandbox nothing keeps the agent from calling a model itself`,
    next: 'Leave out --sandbox none, or leave out the ceiling.',
  });
}

async function flagsOf(request: PlanRequest, terminal: Terminal): Promise<PolicyFlags> {
  return {
    agent: request.agent ?? undefined,
    agentOptions: await agentOptions(request, terminal),
    checks: request.checks,
    sandbox: request.sandbox ?? undefined,
    limits: await limitsIn(request.limits),
  };
}

/** The agent that a person installed with loopwright, which is the one meant where none is named; null where there is none. */
async function ownAgent(bench: Bench): Promise<string | null> {
  const driver = await bench.driver('pi');
  try {
    return (await driver.installation?.({}))?.foundBy === 'loopwright' ? driver.id : null;
  } catch (error) {
    if (isLoopwrightError(error, 'LW_AGENT_MISSING')) return null;
    throw error;
  }
}

/** Resolves and pins everything. Writes nothing but objects into the trusted mirror. */
export async function planRun(terminal: Terminal, composition: Composition, request: PlanRequest): Promise<Planned> {
  // Reading a repository needs no sandbox of its own; which one the run gets is what the policy will say.
  const reader = await composition.bench('bubblewrap');
  const repository = await reader.repositories.inspect(resolve(terminal.cwd, request.directory));
  const base = await reader.repositories.pin(repository.root, request.revision);
  const { loadCodeOwners, loadPolicy } = await import('../policy/load.ts');
  const { resolveWithOrigins, hashPolicy } = await import('../policy/resolve.ts');
  const committed = reader.repositories.read(repository.root, base.commit);
  const [own, codeOwners] = await Promise.all([loadPolicy(committed), loadCodeOwners(committed)]);
  const file = await underLayers(own, terminal.env, () => reader.repositories.names(repository.root));
  const flags = await flagsOf(request, terminal);
  const isNamed = flags.agent !== undefined || file?.content.agent?.driver !== undefined;
  const agent = isNamed ? null : await ownAgent(reader);
  const wanted = {
    file,
    className: request.className,
    flags,
    codeOwners,
    ...(agent === null ? {} : { defaults: { agent } }),
  };
  const explained = await measurable(committed, wanted, () => resolveWithOrigins(wanted));
  const driver = await reader.driver(explained.policy.agent.driver);
  refuseNoScript(driver.id, explained.policy.agent.options);
  const options = driver.options(explained.policy.agent.options);
  const policy: ResolvedPolicy = { ...explained.policy, agent: { driver: driver.id, options } };
  refuseUnenforceable(policy, request, driver);
  refuseUnhidden(policy, driver);
  const unenforced = unenforcedRules(driver, policy);
  const unattended = request.unattended === true;
  const owners = await ownersOfRun(policy, { codeOwners, base: committed }, unattended);
  // A missing program is found out before anything begins.
  await driver.installation?.(options);
  await driver.checkConfiguration?.(options, committed);
  const cloud = await planCloud(driver, options, base, reader.repositories);
  const bench = await composition.bench(policy.sandbox satisfies SandboxName);
  requireFence(policy, bench.sandbox);
  await bench.secrets.agree(policy.secrets ?? [], repository.root);
  const plan: RunPlan = {
    task: { goal: goalOf(request, policy.class.name), repository: repository.root, class: policy.class.name },
    policy,
    policyHash: hashPolicy(policy),
    base,
    sandbox: await bench.sandbox.probe(),
    operator: operatorName(terminal.env),
    ...(owners === null ? {} : { owners }),
    ...(unattended ? { unattended } : {}),
    ...(unenforced.length === 0 ? {} : { unenforced }),
    ...(cloud === null ? {} : { cloud }),
  };
  return { plan, bench, repository, explained };
}
