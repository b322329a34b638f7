/** A turn that is one process: launched through the host, watched, and read once it is over. */
import { unreachable } from '../core/errors.ts';
import type { AgentClaim, TurnEnd } from '../core/event.ts';
import type { Ceiling, LimitName, TurnBudget } from '../core/limit.ts';
import type { AgentHost, EndOfTurn, TurnRequest, TurnResult } from '../ports/driver.ts';
import type { FinishedProcess, Grace, SupervisedProcess } from '../ports/sandbox.ts';
import { createClaimReader } from './claims.ts';
import { createKeptOutput } from './kept-output.ts';

/**
 * What the sandbox keeps of each stream. Little: a turn keeps its own copy, in the order the streams came, and reads
 * claims as they pass.
 */
const SANDBOX_KEEP_BYTES = 4_096;

export interface AgentProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `open`: whatever is written to the process once it has started. */
  readonly stdin: Uint8Array | null | 'open';
  /** Target path inside to host path, shown read-only. */
  readonly files?: Readonly<Record<string, string>>;
  readonly grace?: Grace | undefined;
  /** Is told of standard output as it comes. */
  readonly onStdout?: (bytes: Uint8Array) => void;
  /** Is told of the process before any of its output. */
  readonly onStart?: (process: SupervisedProcess) => void;
}

/**
 * Runs one process for one turn. Rejects only when the sandbox could not start it (`LW_SANDBOX_LAUNCH`), never for what
 * the process did.
 */
export async function takeProcessTurn(
  host: AgentHost,
  agent: AgentProcess,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<TurnResult> {
  if (signal.aborted) return withoutProcess({ kind: 'cancelled' });
  const output = createKeptOutput();
  const claims = createClaimReader();
  const limits = { ...request.budget, keepBytes: SANDBOX_KEEP_BYTES };
  const { onStdout, onStart, ...launch } = agent;
  const process = host.launch({ ...launch, limits }, signal);
  onStart?.(process);
  process.onOutput((stream, bytes) => {
    output.push(bytes);
    if (stream !== 'stdout') return;
    claims.push(bytes);
    onStdout?.(bytes);
  });
  const finished = await process.finished;
  const said = claims.end();
  const claimedUsage = claims.usage();
  return {
    end: endOfTurn(finished, request.budget),
    claims: said,
    ...(claimedUsage === null ? {} : { claimedUsage }),
    wallTimeMs: finished.wallTimeMs,
    outputBytes: finished.stdoutBytes + finished.stderrBytes,
    output: output.bytes(),
  };
}

/** The result of a turn for which no process was started. */
export function withoutProcess(end: TurnEnd): TurnResult {
  return { end, claims: [], wallTimeMs: 0, outputBytes: 0, output: new Uint8Array() };
}

/** For programs that know no claims: leaving with code 0 says `done`, unless the program said something else itself. */
export function withClaimOfExitCode(result: TurnResult): TurnResult {
  const succeeded = result.end.kind === 'ended' && result.end.exitCode === 0;
  if (!succeeded || result.claims.some((claim) => claim.kind !== 'message')) return result;
  const done: AgentClaim = { kind: 'done', text: 'exit code 0' };
  return { ...result, claims: [...result.claims, done] };
}

export const endOfTurn: EndOfTurn = (finished, budget) => {
  const { end } = finished;
  switch (end.kind) {
    case 'exited':
      return { kind: 'ended', exitCode: end.code };
    case 'signalled':
      return { kind: 'crashed', detail: `the program died by ${end.signal}, which loopwright did not send` };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'not-found':
      return { kind: 'unavailable', detail: end.detail };
    case 'resource': {
      const { resource, value, ceiling } = end;
      return { kind: 'limit', breach: { limit: resource, value, ceiling } };
    }
    case 'wall-time':
    case 'idle':
    case 'output-limit':
      return endByLimit(end.kind, finished, budget);
    default:
      return unreachable(end, 'end of a process');
  }
};

function endByLimit(
  kind: 'wall-time' | 'idle' | 'output-limit',
  finished: FinishedProcess,
  budget: TurnBudget,
): TurnEnd {
  const limit: LimitName = ({ 'wall-time': 'wallTimeMs', idle: 'idleMs', 'output-limit': 'outputBytes' } as const)[
    kind
  ];
  const ceiling: Ceiling = budget[limit];
  if (ceiling === 'unlimited') {
    // Not a breach that can be reported with its numbers, and not an end the program chose either.
    return { kind: 'crashed', detail: `the sandbox ended the program for ${kind}, though that was unlimited` };
  }
  return { kind: 'limit', breach: { limit, value: Math.max(ceiling, metered(kind, finished)), ceiling } };
}

/** What was measured. How long the silence was is not told; it was at least as long as the limit. */
function metered(kind: 'wall-time' | 'idle' | 'output-limit', finished: FinishedProcess): number {
  if (kind === 'wall-time') return finished.wallTimeMs;
  return kind === 'idle' ? 0 : finished.stdoutBytes + finished.stderrBytes;
}
