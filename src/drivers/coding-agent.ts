/** What is the same for every coding agent with a command line of its own: options, finding it, sessions. */
import path from 'node:path';
import { z } from 'zod';
import { hasRules } from '../core/command-rule.ts';
import type { CommandRules } from '../core/command-rule.ts';
import { isLoopwrightError, LoopwrightError } from '../core/errors.ts';
import type { NamedSession } from '../core/agent-event.ts';
import type { AgentHost, AgentSession, Driver } from '../ports/driver.ts';
import { issueWords } from './issue-words.ts';
import { configurationFiles, configurationIn, readConfiguration } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { takeAgentTurn } from './agent-turn.ts';
import { withoutProcess } from './process-turn.ts';
import { createIdentity } from './identity.ts';
import { findProgram } from './installation.ts';
import type { FoundProgram, HostEnvironment } from './installation.ts';
import type { AgentOptions, Call, CodingAgent, Wire } from './definition.ts';

const SINGLE = /^[^\0-\x1f]+$/u;

/** `auto`: as soon as there is a rule to ask. */
const PERMISSION_CHOICES = ['auto', 'ask', 'sandbox'] as const;

/** The choices of this agent alone, and of all that ask. */
function choicesOf(agent: CodingAgent): NonNullable<CodingAgent['choices']> {
  return { ...agent.choices, ...(agent.dialogue === undefined ? {} : { permissions: PERMISSION_CHOICES }) };
}

function asksUnder(agent: CodingAgent, { choices }: AgentOptions, rules: CommandRules): boolean {
  if (agent.dialogue === undefined) return false;
  const chosen = choices['permissions'] ?? 'auto';
  return chosen === 'auto' ? hasRules(rules) : chosen === 'ask';
}

function schemaOf(agent: CodingAgent) {
  const choices = Object.entries(choicesOf(agent)).map(([name, values]) => [name, z.enum(values).default(values[0])]);
  return z.strictObject({
    model: z
      .string('has to be given: the name of a model, as its vendor writes it')
      .regex(/^[\w./:@[\]+-]{1,200}$/u, 'is no name of a model'),
    session: z.enum(['fresh', 'resumed']).default('fresh'),
    version: z
      .string()
      .regex(/^[\w.+-]{1,100}$/u, 'is no version')
      .optional(),
    configuration: z
      .array(
        z.strictObject({
          path: z
            .string()
            .refine((path) => agent.accepts?.test(path) === true, `is nothing that ${agent.id} can be told to load`),
          sha256: z.string('has to be text in quotes').regex(/^[0-9a-f]{64}$/iu, 'is no SHA-256 in hexadecimal'),
        }),
      )
      .max(20, 'are more than 20 files')
      .optional(),
    update: z.enum(['refused', 'allowed']).default('refused'),
    program: z
      .string()
      .regex(SINGLE, 'is no path')
      .refine((name) => name.startsWith('/') || !name.includes('/'), 'is neither a name nor an absolute path')
      .optional(),
    ...(Object.fromEntries(choices) as Record<string, z.ZodType<string>>),
  });
}

/** Plain JSON. Choices of one agent are words beside these. */
type PlainOptions = Readonly<Record<string, unknown>> & Partial<Omit<AgentOptions, 'choices'>>;

/** Throws `LW_AGENT_OPTIONS`. The result is what a policy freezes. */
function readOptions(agent: CodingAgent, raw: Readonly<Record<string, unknown>>): PlainOptions {
  const parsed = schemaOf(agent).safeParse(raw);
  if (parsed.success) return JSON.parse(JSON.stringify(parsed.data)) as PlainOptions;
  const problems = parsed.error.issues.map(issueWords);
  const others = Object.entries(choicesOf(agent)).map(([name, values]) => `, \`${name}\` (${values.join(', ')})`);
  throw new LoopwrightError('LW_AGENT_OPTIONS', {
    message: `the ${agent.id} driver refuses its options: ${problems.join('; ')}`,
    next: `Give \`--model NAME\`, or in the policy \`model\`, and if needed \`session\` (fresh or resumed), \`version\`, \`update\` (refused or allowed), \`configuration\`, \`program\`${others.join('')}.`,
    details: { problems },
  });
}

function plain(agent: CodingAgent, raw: Readonly<Record<string, unknown>>): AgentOptions {
  const read = readOptions(agent, raw);
  const { model = '', session, program, version, update, configuration = [] } = read;
  const choices = Object.keys(choicesOf(agent)).map((name) => [name, String(read[name])]);
  return {
    model,
    session: session === 'resumed' ? 'resumed' : 'fresh',
    program,
    version,
    update: update === 'allowed' ? 'allowed' : 'refused',
    configuration,
    choices: Object.fromEntries(choices) as Record<string, string>,
  };
}

function unmetered({ id }: CodingAgent): LoopwrightError {
  return new LoopwrightError('LW_GATEWAY_UNAVAILABLE', {
    message: `the model calls of ${id} go to its vendor and cannot be sent through the gateway`,
    next: 'Leave the counting to the agent: `models: { metering: agent-claims }`, and `sandbox: none`, for it needs a network. No ceiling on spend holds then.',
    details: { agent: id },
  });
}

/** Throws `LW_GATEWAY_UNAVAILABLE` where no provider speaks what the agent speaks. */
function wireOf(agent: CodingAgent, options: AgentOptions, host: AgentHost): Wire | null {
  if (host.models === null) return null;
  if (agent.wire === null) throw unmetered(agent);
  const variables = agent.wire(options.model, options.choices);
  const address = host.models.env[variables.address];
  const key = host.models.env[variables.key];
  if (address !== undefined && key !== undefined) return { address, keyVariable: variables.key, key };
  throw new LoopwrightError('LW_GATEWAY_UNAVAILABLE', {
    message: `${agent.id} speaks ${variables.dialect}, and no provider with a key does`,
    next: `Name one with \`dialect: ${variables.dialect}\` in providers.yaml; see docs/models.md.`,
    details: { agent: agent.id, dialect: variables.dialect },
  });
}

/** What an agent made of its home is its own doing: words of why it cannot go on, and null where it can. */
export async function seed(host: AgentHost, files: Readonly<Record<string, string>>): Promise<string | null> {
  try {
    await host.seed(files);
    return null;
  } catch (error) {
    if (isLoopwrightError(error, 'LW_WORKSPACE_LOST')) return error.message;
    throw error;
  }
}

/** What it loads of the repository. Rejects with `LW_AGENT_CONFIGURATION`. */
async function allowedOf(agent: CodingAgent, options: AgentOptions, host: AgentHost): Promise<Configuration['files']> {
  const { configuration } = options;
  if (configuration.length === 0) return {};
  if (host.base !== undefined && host.models !== null) return readConfiguration(agent.id, configuration, host.base);
  throw new LoopwrightError('LW_AGENT_CONFIGURATION', {
    message: `${agent.id} is to load ${configuration.map(({ path }) => path).join(', ')}, and its home is not one of the run`,
    next: 'Let the gateway count (`models.metering: gateway`), or remove `configuration`.',
    details: { agent: agent.id },
  });
}

interface Given {
  readonly host: AgentHost;
  readonly found: FoundProgram;
  readonly files: Configuration['files'];
}

function openSession(agent: CodingAgent, options: AgentOptions, given: Given): AgentSession {
  const { host, files } = given;
  const wire = wireOf(agent, options, host);
  const configuration = Object.keys(files).length === 0 ? {} : { configuration: configurationIn(host.home, files) };
  const { rules } = host;
  const permissions = { rules, asks: asksUnder(agent, options, rules) };
  let conversation: NamedSession | null = host.earlier ?? null;
  return {
    program: { pinned: options.update === 'refused', identify: createIdentity(agent.id, given.found) },
    async turn(request, signal) {
      const going = options.session === 'resumed' ? conversation : null;
      const { model, choices } = options;
      const call: Call = { model, choices, resume: going?.sessionId ?? null, wire, permissions, ...configuration };
      const seeds = wire === null ? null : { ...agent.home({ ...call, wire }), ...configurationFiles(files) };
      const unseeded = seeds === null || signal.aborted ? null : await seed(host, seeds);
      if (unseeded !== null) return withoutProcess({ kind: 'unavailable', detail: unseeded });
      const taken = await takeAgentTurn({ ...given, agent, call, earlier: going?.usage ?? null }, request, signal);
      // An agent that was to go on, left by itself and named no conversation did not find it: the next turn begins another.
      const left = taken.end.kind === 'ended' || taken.end.kind === 'crashed';
      conversation = taken.session ?? (left ? null : conversation);
      return taken;
    },
    // Nothing outlives a turn.
    close: () => Promise.resolve(),
  };
}

export function createCodingAgentDriver(agent: CodingAgent, hostEnvironment: HostEnvironment): Driver {
  const own =
    agent.own === undefined ? undefined : path.join(agent.own.directory, 'node_modules', '.bin', agent.program);
  const find = ({ program: option, version }: Pick<AgentOptions, 'program' | 'version'>): FoundProgram =>
    findProgram(
      { agent: agent.id, program: agent.program, install: agent.install, own, option, version },
      hostEnvironment,
    );
  const named = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    id: agent.id,
    summary: agent.summary,
    capabilities: {
      resumable: true,
      reportsUsage: agent.reportsUsage,
      gatewayAware: agent.wire !== null,
      asksPermission: agent.dialogue !== undefined,
      modelFree: false,
      learnsFromFailures: true,
    },
    options: (raw) => readOptions(agent, raw),
    ...(agent.own === undefined ? {} : { own: agent.own }),
    usesModels: () => true,
    asks: (raw, rules) => asksUnder(agent, plain(agent, raw), rules),
    async installation(asked) {
      const { program, foundBy, version } = find({ program: named(asked.program), version: named(asked.version) });
      return { program, foundBy, version };
    },
    async checkConfiguration(raw, base) {
      await readConfiguration(agent.id, plain(agent, raw).configuration, base);
    },
    async open(raw, host) {
      const options = plain(agent, raw);
      return openSession(agent, options, { host, found: find(options), files: await allowedOf(agent, options, host) });
    },
  };
}
