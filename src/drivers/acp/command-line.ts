import { LoopwrightError } from '../../core/errors.ts';
import type { AgentHost } from '../../ports/driver.ts';
import type { CommandLine } from '../definition.ts';
import { WIRE_PLACES, WIRES } from './options.ts';
import type { AcpOptions } from './options.ts';

/** Throws `LW_GATEWAY_UNAVAILABLE` where no provider speaks what the agent speaks. */
function wireOf({ wire }: AcpOptions, { models }: AgentHost): Readonly<Record<string, string>> {
  if (wire === undefined || models === null) return {};
  const address = models.env[WIRES[wire].address];
  const key = models.env[WIRES[wire].key];
  if (address !== undefined && key !== undefined) return { address, key };
  throw new LoopwrightError('LW_GATEWAY_UNAVAILABLE', {
    message: `the agent speaks ${wire}, and no provider with a key does`,
    next: `Name one with \`dialect: ${wire}\` in providers.yaml; see docs/models.md.`,
    details: { agent: 'acp', dialect: wire },
  });
}

/** `{model}`, `{home}`, `{workspace}`, `{address}` and `{key}` are replaced; other braces are left as they are. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(?<name>[a-z]+)\}/gu, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

export interface Filled extends CommandLine {
  /** Of the home; none where there is no gateway: the agent's own home is then in its place. */
  readonly files: Readonly<Record<string, string>>;
}

/** Arguments after the program, variables and files of the agent. Throws `LW_GATEWAY_UNAVAILABLE`. */
export function commandLine(options: AcpOptions, host: AgentHost): Filled {
  const { home, workspacePath: workspace, models } = host;
  const model = options.model === undefined ? {} : { model: options.model };
  const values = { home, workspace, ...model, ...wireOf(options, host) };
  const env: Record<string, string> = models === null ? {} : { HOME: home };
  for (const [name, text] of Object.entries(options.env)) {
    // Without a gateway the login of the agent is left alone.
    if (models !== null || !WIRE_PLACES.some((place) => text.includes(place))) env[name] = filled(text, values);
  }
  const files = models === null ? [] : Object.entries(options.files);
  return {
    argv: options.argv.slice(1).map((argument) => filled(argument, values)),
    env,
    files: Object.fromEntries(files.map(([name, text]) => [name, filled(text, values)])),
  };
}
