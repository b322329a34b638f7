/** `loopwright agents`: which agents there are, which of them are installed here, and what they can do. Starts none of them. */
import type { Command } from 'commander';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { Driver, DriverCapabilities, Installation } from '../../ports/driver.ts';
import type { CliContext } from '../context.ts';

export interface Agent {
  readonly id: string;
  readonly summary: string;
  readonly capabilities: DriverCapabilities;
  /** null: there is nothing to install. `not needed`: it works in its vendor's cloud. */
  readonly installed: boolean | 'not needed' | null;
  /** The variable that holds the key of the vendor, and whether it is set; null where none is needed. */
  readonly login: { readonly variable: string; readonly set: boolean } | null;
  /** `only judging`: neither sandbox nor gateway nor a limit on spend reaches it. */
  readonly enforced: 'policy' | 'only judging';
  readonly installation: Installation | null;
  /** What to do where it is missing. */
  readonly next: string | null;
}

/** Executes nothing. */
export async function lookFor(driver: Driver): Promise<Agent> {
  const { id, summary, capabilities } = driver;
  const enforced = driver.cloud === undefined ? ('policy' as const) : ('only judging' as const);
  const login = driver.cloud?.login ?? null;
  const known = { id, summary, capabilities, login, enforced, installation: null, next: null };
  if (login !== null) {
    return {
      ...known,
      installed: 'not needed',
      next: login.set ? null : `Set ${login.variable} (or ${login.variable}_FILE).`,
    };
  }
  if (driver.installation === undefined) return { ...known, installed: null };
  try {
    return { ...known, installed: true, installation: await driver.installation({}) };
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_AGENT_MISSING')) throw error;
    return { ...known, installed: false, next: error.next };
  }
}

function words(agent: Agent): readonly string[] {
  const { capabilities, installation, installed } = agent;
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const here = typeof installed === 'boolean' ? yes(installed) : (installed ?? 'always');
  return [
    agent.id,
    here,
    installation?.version ?? (installed === true ? 'not told' : ''),
    yes(capabilities.gatewayAware),
    yes(capabilities.resumable),
    yes(capabilities.reportsUsage),
    agent.login === null ? '' : `${agent.login.variable}${agent.login.set ? '' : ' not set'}`,
    agent.enforced,
    yes(capabilities.asksPermission),
    installation?.foundBy ?? '',
    installation?.program ?? '',
  ];
}

async function agents(context: CliContext, options: { readonly json?: boolean }): Promise<void> {
  const { terminal } = context;
  const found = await Promise.all((await context.composition().drivers()).map(lookFor));
  if (options.json === true) {
    terminal.out(JSON.stringify({ agents: found }));
    return;
  }
  const { createPalette } = await import('../present/palette.ts');
  const { hang, table, usableColumns } = await import('../present/columns.ts');
  const { prose } = await import('../../report/escape.ts');
  const columns = [
    { title: 'agent' },
    { title: 'here' },
    { title: 'version' },
    { title: 'gateway' },
    { title: 'resumes' },
    { title: 'usage' },
    { title: 'login' },
    { title: 'enforced' },
    { title: 'asks' },
    { title: 'found by', optional: true },
    { title: 'program', flexible: true, optional: true },
  ] as const;
  const layout = { columns: usableColumns(terminal.columns), heading: createPalette(terminal.outColours).bold };
  const rows = found.map((agent) => words(agent).map((text) => ({ text: prose(text) })));
  for (const line of table(columns, rows, layout)) terminal.out(line);
  const missing = found.filter(({ next }) => next !== null);
  if (missing.length > 0) terminal.out('');
  for (const { id, next } of missing) {
    for (const line of hang(`${id.padEnd(10)} `, next ?? '', terminal.columns)) terminal.out(line);
  }
}

/** Asks nothing; what is installed is named, with its version, before it is. */
async function install(context: CliContext, name: string, options: { readonly json?: boolean }): Promise<void> {
  const { terminal } = context;
  const driver = (await context.composition().drivers()).find(({ id }) => id === name);
  if (driver?.own === undefined) throw installsNone(name, driver === undefined ? null : await lookFor(driver));
  const { directory, version } = driver.own;
  const before = await lookFor(driver);
  if (before.installation?.foundBy === 'loopwright') {
    terminal.err(`${name} ${version} is installed already, in ${directory}.`);
  } else {
    terminal.err(`Installing ${name} ${version} with npm into ${directory}; no script of any package is run ...`);
    const { installAgent } = await import('../install-agent.ts');
    await installAgent({ agent: name, directory, env: terminal.env });
    terminal.err(`Installed. Next: loopwright run --model NAME "what to achieve" --check "npm test"`);
  }
  if (options.json === true) terminal.out(JSON.stringify(await lookFor(driver)));
}

function installsNone(name: string, known: Agent | null): LoopwrightError {
  return new LoopwrightError(known === null ? 'LW_AGENT_UNKNOWN' : 'LW_USAGE', {
    message: known === null ? `there is no agent called "${name}"` : `loopwright does not install ${name} itself`,
    next: known?.next ?? 'See `loopwright agents`; what loopwright installs itself is `pi`.',
  });
}

/** Adds the command to the program. */
export function defineAgents(program: Command, context: CliContext): void {
  const agentsCommand = program
    .command('agents')
    .summary('which agents there are, which are installed here, and what they can do')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  loopwright agents')
    .action((options: { json?: boolean }) => agents(context, options));
  agentsCommand
    .command('install')
    .summary(
      'install an agent that loopwright pins: exactly this version, each package by its hash, no install scripts',
    )
    .argument('<agent>', 'pi')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  loopwright agents install pi')
    .action((name: string, _options: unknown, command: Command) => install(context, name, command.optsWithGlobals()));
}
