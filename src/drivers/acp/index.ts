/**
 * Any agent that speaks the Agent Client Protocol over its standard streams, version 1 or 2. It works inside the sandbox by
 * itself: files and terminals of the client are not offered to it. Shapes are those of the schemas published with
 * `@agentclientprotocol/sdk` 2.4.0; docs/decisions/0018 says why that library is not used.
 */
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { AgentHost, AgentSession, Driver } from '../../ports/driver.ts';
import type { NamedSession } from '../../core/agent-event.ts';
import { createIdentity } from '../identity.ts';
import { seed } from '../coding-agent.ts';
import { findProgram } from '../installation.ts';
import type { FoundProgram, HostEnvironment } from '../installation.ts';
import { withoutProcess } from '../process-turn.ts';
import { commandLine } from './command-line.ts';
import { readOptions } from './options.ts';
import type { AcpOptions } from './options.ts';
import { PATIENCE, takeAcpTurn } from './turn.ts';
import type { Patience } from './turn.ts';

function missing(message: string, program: string | null): LoopwrightError {
  return new LoopwrightError('LW_AGENT_MISSING', {
    message,
    next: 'Name the agent and what makes it speak the protocol: `loopwright run --agent acp -- gemini --acp`, or `argv` in the policy.',
    details: { agent: 'acp', program },
  });
}

/** Throws `LW_AGENT_MISSING`. */
function find(program: unknown, env: HostEnvironment): FoundProgram {
  if (typeof program !== 'string') throw missing('acp drives the agent that you name', null);
  try {
    return findProgram(
      { agent: 'acp', program, install: '', option: program.includes('/') ? program : undefined },
      env,
    );
  } catch (error) {
    if (!isLoopwrightError(error, 'LW_AGENT_MISSING')) throw error;
    throw missing(`there is no program "${program}" that can be executed`, program);
  }
}

function openSession(options: AcpOptions, host: AgentHost, found: FoundProgram, patience: Patience): AgentSession {
  const line = commandLine(options, host);
  // For messages: what people call it.
  const agent = options.argv[0]?.split('/').at(-1) ?? 'the agent';
  let conversation: NamedSession | null = host.earlier ?? null;
  return {
    program: { pinned: true, identify: createIdentity('acp', found) },
    async turn(request, signal) {
      const nothing = signal.aborted || Object.keys(line.files).length === 0;
      const unseeded = nothing ? null : await seed(host, line.files);
      if (unseeded !== null) return withoutProcess({ kind: 'unavailable', detail: unseeded });
      const earlier = options.session === 'resumed' ? conversation : null;
      const given = { agent, options, host, found, commandLine: line, patience, earlier };
      const taken = await takeAcpTurn(given, request, signal);
      // One that was to go on, left and named no conversation did not find it: the next turn begins another.
      const left = taken.result.end.kind === 'ended' || taken.result.end.kind === 'crashed';
      conversation = taken.conversation ?? (left ? null : conversation);
      return taken.conversation === null ? taken.result : { ...taken.result, session: taken.conversation };
    },
    // Nothing outlives a turn.
    close: () => Promise.resolve(),
  };
}

export function createAcpDriver(hostEnvironment: HostEnvironment, patience: Patience = PATIENCE): Driver {
  return {
    id: 'acp',
    summary: 'Any agent that speaks the Agent Client Protocol. One process per turn.',
    capabilities: {
      resumable: true,
      reportsUsage: true,
      gatewayAware: true,
      asksPermission: true,
      modelFree: false,
      learnsFromFailures: true,
    },
    options: (raw) => readOptions(raw),
    usesModels: () => true,
    async installation({ argv }) {
      const { program, foundBy, version } = find(Array.isArray(argv) ? argv[0] : undefined, hostEnvironment);
      return { program, foundBy, version };
    },
    async open(raw, host) {
      const options = readOptions(raw);
      return openSession(options, host, find(options.argv[0], hostEnvironment), patience);
    },
  };
}
