/** One call in conversation with its client: what every step of an exchange is handed. */
import type { ServerResponse } from 'node:http';
import type { LimitBreach } from '../core/limit.ts';
import type { RefusedFor } from '../core/model-event.ts';
import type { Amount } from '../ports/ledger.ts';
import type { Admission } from './admission.ts';
import { outputFor } from './call.ts';
import type { Call, Exchanged, RunContext } from './call.ts';
import { piecesOf } from './recording/pieces.ts';
import type { TurnState } from './turn.ts';

export interface Talk {
  readonly context: RunContext;
  readonly turn: TurnState;
  readonly call: Call;
  readonly client: ServerResponse;
  /** Aborts when the client is gone or the turn is over. */
  readonly gone: AbortSignal;
  /** Answers in the words of the protocol that make its clients stop, and writes the event. */
  readonly refuse: (refused: {
    readonly kind: RefusedFor;
    readonly message: string;
    readonly breach?: LimitBreach;
  }) => Promise<void>;
}

/** What goes to the vendor. */
export interface Sending {
  readonly held: Amount;
  /** The limit on each answer as it is sent; null where the client set none and none was needed. */
  readonly outputLimit: number | null;
  readonly bytes: Uint8Array;
  /** The ceiling for which the client gets a shorter answer than it asked for; null where it does not. */
  readonly lowered: LimitBreach | null;
  /** Hosted tools that were taken out. */
  readonly stripped: readonly string[];
  /** Usage was asked for on the client's behalf, who does not expect it. */
  readonly addsUsage: boolean;
  /** Monotonic. */
  readonly startedMs: number;
}

type Admitted = Extract<Admission, { kind: 'admitted' }>;

/** The client's own bytes, and an edited copy only where the ceiling, the policy or the metering ask for one. */
export function prepareSending({ context, call }: Talk, admitted: Admitted): Sending {
  const { facts, dialect, route, body } = call;
  const { models } = context.request;
  const lowered = admitted.outputTokens < outputFor(facts, models);
  const stripped = facts.hostedTools.filter((tool) => !models.hostedTools.includes(tool));
  const withUsage = facts.stream ? dialect.edit(route, body, { withUsage: true }) : body;
  const bytes = dialect.edit(route, withUsage, {
    ...(lowered ? { outputLimit: admitted.outputTokens } : {}),
    ...(stripped.length > 0 ? { withoutHostedTools: stripped } : {}),
  });
  return {
    held: admitted.held,
    lowered: admitted.lowered,
    outputLimit: lowered ? admitted.outputTokens : facts.outputLimit,
    bytes,
    stripped,
    addsUsage: withUsage.length !== body.length,
    startedMs: context.clock.monotonicMs(),
  };
}

/** What is true of every exchange; the rest says how this one went. */
export function exchanged(talk: Talk, sending: Sending, how: Partial<Exchanged>): Exchanged {
  const { call, context } = talk;
  // An edit that changed nothing gives the very bytes back.
  const unchanged = sending.bytes === call.body;
  return {
    status: null,
    end: 'unreachable',
    sent: true,
    metered: null,
    problem: null,
    held: sending.held,
    outputLimit: sending.outputLimit,
    request: sending.bytes,
    requestPieces: unchanged ? call.pieces : piecesOf(sending.bytes),
    response: new Uint8Array(),
    responseBytes: 0,
    responseHeaders: {},
    firstByteMs: null,
    wallTimeMs: Math.round(context.clock.monotonicMs() - sending.startedMs),
    replayed: null,
    ...how,
  };
}
