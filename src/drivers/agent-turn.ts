/** One turn of a coding agent: one process, whose events say how it went. What they say is a claim, and is checked for sense. */
import type { AgentClaim, TurnEnd } from '../core/event.ts';
import type { ClaimedUsage } from '../core/state.ts';
import type { AgentHost, TurnRequest, TurnResult } from '../ports/driver.ts';
import type { SupervisedProcess } from '../ports/sandbox.ts';
import { MAX_CLAIM_LINE_BYTES, oneLine } from './claims.ts';
import { withConcealed } from './concealed.ts';
import type { Call, CodingAgent } from './definition.ts';
import { openTalk, tellOnce } from './dialogue.ts';
import type { Talk } from './dialogue.ts';
import { createEventLines } from './event-lines.ts';
import type { FoundProgram } from './installation.ts';
import { takeProcessTurn, withClaimOfExitCode } from './process-turn.ts';
import { NOTHING_TOLD, usageSince } from './told.ts';
import type { Told } from './told.ts';

/**
 * Time for an agent to leave once it said that its turn is over, milliseconds. Measured: within 0.3 s, and one that left a
 * server running never.
 */
const LEAVE_MS = 10_000;

/** Time to wrap up, milliseconds: half of the second within which a limit, a stop and a kill promise to take effect. */
const WRAP_UP_MS = 500;

/** The prompt says how to give up, so that nobody has to pretend. */
export const WAY_OUT = `## If it cannot be done
Do not pretend that it is. End your last answer with one line: \`blocked because\` and the reason.
`;

const BLOCKED = /^[\s*_`>#-]*blocked because[\s*_`:]+(?<reason>[^\s*_`:].*?)[\s*_`]*$/iu;

/** The last words as claims: `blocked` where they end with the way out, and whatever else they are as a message. */
export function claimsIn(text: string | null): readonly AgentClaim[] {
  const lines = (text ?? '').trimEnd().split('\n');
  const reason = BLOCKED.exec((lines.at(-1) ?? '').slice(0, MAX_CLAIM_LINE_BYTES))?.groups?.['reason'];
  const message = oneLine((reason === undefined ? lines : lines.slice(0, -1)).join('\n'));
  return [
    ...(message === '' ? [] : [{ kind: 'message' as const, text: message }]),
    ...(reason === undefined ? [] : [{ kind: 'blocked' as const, text: oneLine(reason) }]),
  ];
}

/** An agent that ended by itself is believed when it says that it failed, and not when it says nothing. */
export function honestEnd(agent: string, end: TurnEnd, told: Told): TurnEnd {
  if (end.kind !== 'ended') return end;
  if (told.failure !== null)
    return { kind: 'crashed', detail: `${agent} says that it failed: ${oneLine(told.failure)}` };
  if (end.exitCode !== 0 || told.settled) return end;
  return { kind: 'crashed', detail: `${agent} left with code 0 and did not say that its turn is over` };
}

function claimedUsage(agent: CodingAgent, earlier: ClaimedUsage | null, told: ClaimedUsage): ClaimedUsage {
  if (earlier === null || agent.cumulative === 'nothing') return told;
  const since = usageSince(earlier, told);
  return agent.cumulative === 'everything' ? since : { ...told, costNanoUsd: since.costNanoUsd };
}

export interface AgentTurn {
  readonly agent: CodingAgent;
  readonly call: Call;
  readonly host: AgentHost;
  readonly found: FoundProgram;
  /** What the conversation had used before, where it goes on. */
  readonly earlier: ClaimedUsage | null;
}

function talkWith({ agent, call, host }: AgentTurn, prompt: string, signal: AbortSignal): Talk {
  const { dialogue } = agent;
  if (dialogue === undefined || call.permissions?.asks !== true) return tellOnce(prompt, signal);
  return openTalk(dialogue, host, { prompt, signal });
}

/** Rejects only as the host does. */
export async function takeAgentTurn(turn: AgentTurn, request: TurnRequest, signal: AbortSignal): Promise<TurnResult> {
  const { agent, call, host, found, earlier } = turn;
  const { argv, env } = agent.commandLine(call);
  const stays = new AbortController();
  const talk = talkWith(turn, `${request.prompt}\n${WAY_OUT}`, signal);
  let told = NOTHING_TOLD;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const lines = createEventLines((event) => {
    talk.onEvent(event);
    told = agent.fold(told, event);
    if (told.settled) leaving ??= setTimeout(() => stays.abort(), LEAVE_MS);
  });
  const process = {
    argv: [...(agent.before ?? []), ...found.argv, ...argv],
    // Its own login, where it is to be used, is in its own home.
    env: { ...env, ...(call.wire === null ? {} : { HOME: host.home }) },
    stdin: talk.stdin,
    grace: agent.wrapsUp === undefined ? undefined : { signal: agent.wrapsUp, ms: WRAP_UP_MS },
    onStdout: (bytes: Uint8Array) => lines.push(bytes),
    onStart: (started: SupervisedProcess) => talk.start(started),
  };
  let result: TurnResult;
  try {
    const ends = AbortSignal.any([talk.ends, stays.signal]);
    result = await withConcealed(agent.conceals ?? [], host.workspacePath, (concealed) =>
      takeProcessTurn(host, { ...process, files: { ...found.files, ...concealed } }, request, ends),
    );
  } finally {
    lines.end();
    clearTimeout(leaving);
    await talk.over();
  }
  // It was done and did not leave: nobody cancelled anything.
  const hung = result.end.kind === 'cancelled' && stays.signal.aborted && !signal.aborted;
  // One that ended by itself because it was asked to was cancelled all the same.
  const asked = talk.stdin === 'open' && signal.aborted && result.end.kind === 'ended';
  const ended: TurnEnd = asked ? { kind: 'cancelled' } : result.end;
  const end = honestEnd(agent.id, hung ? { kind: 'ended', exitCode: null } : ended, told);
  const { usage, sessionId } = told;
  return withClaimOfExitCode({
    ...result,
    end,
    claims: claimsIn(told.text),
    ...(sessionId === null ? {} : { session: { sessionId, usage: usage ?? earlier } }),
    ...(usage === null ? {} : { claimedUsage: claimedUsage(agent, earlier, usage) }),
  });
}
