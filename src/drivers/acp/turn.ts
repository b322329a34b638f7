/** One turn: one process, spoken with until its prompt is answered, and then ended. What it says is a claim. */
import { unreachable } from '../../core/errors.ts';
import type { AgentClaim, TurnEnd } from '../../core/event.ts';
import type { ClaimedUsage } from '../../core/state.ts';
import type { AgentHost, TurnRequest, TurnResult } from '../../ports/driver.ts';
import type { SupervisedProcess } from '../../ports/sandbox.ts';
import { claimsIn, WAY_OUT } from '../agent-turn.ts';
import { oneLine } from '../claims.ts';
import type { NamedSession } from '../../core/agent-event.ts';
import { withConcealed } from '../concealed.ts';
import type { Concealed } from '../concealed.ts';
import type { CommandLine } from '../definition.ts';
import { createEventLines } from '../event-lines.ts';
import type { FoundProgram } from '../installation.ts';
import { createKeptOutput } from '../kept-output.ts';
import type { KeptOutput } from '../kept-output.ts';
import { endOfTurn, withoutProcess } from '../process-turn.ts';
import { usageSince } from '../told.ts';
import { createDialogue } from './dialogue.ts';
import type { Dialogue, Outcome } from './dialogue.ts';
import type { AcpOptions } from './options.ts';

/**
 * A message may carry whole files: questions do. One that is longer is not read, and because it may be what the turn waits
 * for, it ends the turn. 16 MiB.
 */
const MAX_MESSAGE_BYTES: number = 16 * 1_024 * 1_024;
/** What the sandbox keeps of each stream: little, a turn keeps its own copy. */
const SANDBOX_KEEP_BYTES = 4_096;

/** How long an agent is waited for, milliseconds. */
export interface Patience {
  /** For each answer before the first prompt. Measured: the slowest took 24 s for its first start after an installation. */
  readonly answerMs: number;
  /** From being cancelled to its end. Measured: 20 to 280 ms. */
  readonly cancelMs: number;
  /** From the end of its input to its end. Measured: 0.05 to 5 s. */
  readonly leaveMs: number;
}

export const PATIENCE: Patience = { answerMs: 90_000, cancelMs: 500, leaveMs: 6_000 };

export interface AcpTurn {
  readonly agent: string;
  readonly options: AcpOptions;
  readonly host: AgentHost;
  readonly found: FoundProgram;
  readonly commandLine: CommandLine;
  readonly patience: Patience;
  /** The conversation to go on with; null: a new one. */
  readonly earlier: NamedSession | null;
}

export interface TakenTurn {
  readonly result: TurnResult;
  /** null where there was no session. */
  readonly conversation: NamedSession | null;
}

/** What the agent said of its end counts before how its process then ended; limits count before both. */
function endOf(agent: string, outcome: Outcome, process: TurnEnd): TurnEnd {
  if (process.kind === 'limit') return process;
  switch (outcome.kind) {
    case 'gone':
      if (process.kind !== 'ended' || process.exitCode !== 0) return process;
      return { kind: 'crashed', detail: `${agent} left with code 0 in the middle of its turn` };
    case 'failed':
      return { kind: 'crashed', detail: `${agent} says that it failed: ${oneLine(outcome.detail)}` };
    case 'held':
      return { kind: 'ended', exitCode: null };
    case 'crashed':
    case 'unavailable':
      return { kind: outcome.kind, detail: oneLine(outcome.detail) };
    case 'stopped':
      return stopped(agent, outcome.reason, process);
    default:
      return unreachable(outcome, 'end of a dialogue');
  }
}

const STOPPED_SHORT: ReadonlySet<string | null> = new Set(['max_tokens', 'max_turn_requests', 'cancelled']);

function stopped(agent: string, reason: string | null, process: TurnEnd): TurnEnd {
  if (reason === 'end_turn' || STOPPED_SHORT.has(reason)) {
    // Most do not leave by themselves: how they are then ended says nothing.
    return { kind: 'ended', exitCode: process.kind === 'ended' ? process.exitCode : null };
  }
  const said = reason === 'refusal' ? 'the model refuses to go on' : `it stopped for "${reason ?? 'no reason'}"`;
  return { kind: 'crashed', detail: `${agent} says that it failed: ${oneLine(said)}` };
}

function claimsOf(outcome: Outcome, end: TurnEnd, text: string | null): readonly AgentClaim[] {
  const said = claimsIn(text);
  if (outcome.kind !== 'stopped' || end.kind !== 'ended') return said;
  if (outcome.reason !== 'end_turn') {
    return [...said, { kind: 'message', text: `stopped for ${oneLine(outcome.reason ?? '')}` }];
  }
  return said.some(({ kind }) => kind !== 'message') ? said : [...said, { kind: 'done', text: 'end_turn' }];
}

/** The cost counts from the beginning of a session, tokens for each prompt. */
function usageOf(earlier: ClaimedUsage | null, told: ClaimedUsage): ClaimedUsage {
  return earlier === null ? told : { ...told, costNanoUsd: usageSince(earlier, told).costNanoUsd };
}

/** Rejects only as the host does. */
export async function takeAcpTurn(turn: AcpTurn, request: TurnRequest, signal: AbortSignal): Promise<TakenTurn> {
  if (signal.aborted) return { conversation: null, result: withoutProcess({ kind: 'cancelled' }) };
  const { options, host } = turn;
  return withConcealed(options.conceals, host.workspacePath, (concealed) => takeIn(concealed, turn, request, signal));
}

interface Started {
  readonly process: SupervisedProcess;
  readonly dialogue: Dialogue;
  readonly output: KeptOutput;
  /** What came without a line feed at its end is read too. */
  readonly endLines: () => void;
  readonly tooLong: () => boolean;
}

/** `killIn`: ends the process after so many milliseconds. */
function start(turn: AcpTurn, request: TurnRequest, concealed: Concealed, kill: Kill): Started {
  const { agent, earlier, found, host, options, patience } = turn;
  const output = createKeptOutput();
  const process = host.launch(
    {
      argv: [...found.argv, ...turn.commandLine.argv],
      env: turn.commandLine.env,
      stdin: 'open',
      limits: { ...request.budget, keepBytes: SANDBOX_KEEP_BYTES },
      files: { ...found.files, ...concealed },
    },
    kill.signal,
  );
  const dialogue = createDialogue({
    agent,
    options,
    host,
    resume: earlier?.sessionId ?? null,
    answerMs: patience.answerMs,
    send: (line) => process.write(line),
    onHold: () => kill.within(patience.cancelMs),
    onBroken: () => kill.within(0),
  });
  let tooLong = false;
  const lines = createEventLines(
    (event) => dialogue.receive(event),
    MAX_MESSAGE_BYTES,
    () => {
      tooLong = true;
      kill.within(0);
    },
  );
  process.onOutput((stream, bytes) => {
    output.push(bytes);
    if (stream === 'stdout') lines.push(bytes);
  });
  return { process, dialogue, output, endLines: () => lines.end(), tooLong: () => tooLong };
}

interface Kill {
  readonly signal: AbortSignal;
  /** After so many milliseconds. */
  within(ms: number): void;
  /** Forgets what was to come. */
  off(): void;
}

function createKill(): Kill {
  const killed = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  return {
    signal: killed.signal,
    within(ms) {
      if (ms === 0) killed.abort();
      else timers.push(setTimeout(() => killed.abort(), ms));
    },
    off() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function resultOf(
  turn: AcpTurn,
  started: Started,
  came: { outcome: Outcome; end: TurnEnd },
): Omit<TurnResult, 'wallTimeMs' | 'outputBytes'> {
  const told = started.dialogue.told();
  const earlier = turn.earlier?.usage ?? null;
  return {
    end: came.end,
    claims: claimsOf(came.outcome, came.end, told.text),
    ...(told.usage === null ? {} : { claimedUsage: usageOf(earlier, told.usage) }),
    output: started.output.bytes(),
  };
}

async function takeIn(
  concealed: Concealed,
  turn: AcpTurn,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<TakenTurn> {
  const { agent, patience } = turn;
  const kill = createKill();
  const started = start(turn, request, concealed, kill);
  const { process, dialogue } = started;
  const onAbort = (): void => kill.within(dialogue.cancel() ? patience.cancelMs : 0);
  signal.addEventListener('abort', onAbort);
  try {
    const finishing = process.finished.finally(() => {
      started.endLines();
      dialogue.close();
    });
    // Met below, once the dialogue is over.
    finishing.catch(() => undefined);
    let outcome = await dialogue.run(`${request.prompt}\n${WAY_OUT}`);
    process.endInput();
    kill.within(outcome.kind === 'stopped' ? patience.leaveMs : 0);
    const finished = await finishing;
    await dialogue.settled();
    if (started.tooLong() && outcome.kind === 'gone') {
      const detail = `${agent} wrote a message of more than ${MAX_MESSAGE_BYTES} bytes, which is not read`;
      outcome = { kind: 'crashed', detail };
    } else if (dialogue.held()) outcome = { kind: 'held' };
    const end: TurnEnd = signal.aborted
      ? { kind: 'cancelled' }
      : endOf(agent, outcome, endOfTurn(finished, request.budget));
    const { sessionId, usage } = dialogue.told();
    return {
      conversation: sessionId === null ? null : { sessionId, usage: usage ?? turn.earlier?.usage ?? null },
      result: {
        ...resultOf(turn, started, { outcome, end }),
        wallTimeMs: finished.wallTimeMs,
        outputBytes: finished.stdoutBytes + finished.stderrBytes,
      },
    };
  } finally {
    signal.removeEventListener('abort', onAbort);
    kill.off();
  }
}
