/** What questions of the agent and the answers to them do to the state. Part of `evolve`; pure. */
import { contradiction } from './contradiction.ts';
import type { PermissionAnswer, PermissionEvent, QuestionDigest, ToolUse } from './permission.ts';
import type { RunState } from './state.ts';

/** A question that a person has to decide, or has decided. */
export interface HeldQuestion {
  readonly digest: QuestionDigest;
  /** Of the turn in which it was held last. */
  readonly iteration: number;
  readonly tool: string;
  readonly use: ToolUse;
  /** Blob of the input. */
  readonly input: string;
  readonly rule: string | null;
  readonly reason: string;
  /** null: it waits. */
  readonly decision: PersonsDecision | null;
}

export interface PersonsDecision {
  readonly decision: 'allowed' | 'denied';
  readonly by: string;
  readonly reason: string;
}

/** Something that was refused without a person. */
export interface RefusedUse {
  readonly iteration: number;
  readonly tool: string;
  readonly use: ToolUse;
  readonly rule: string | null;
  readonly reason: string;
}

export interface Permissions {
  /** How often the agent asked. */
  readonly asked: number;
  readonly answered: Readonly<Record<PermissionAnswer['decision'], number>>;
  /** In the order in which they were first held. */
  readonly held: readonly HeldQuestion[];
  /** The newest ones; all of them are in the log. */
  readonly refused: readonly RefusedUse[];
  /** Asked, and not answered yet. One that stays so was put to a process that died, and nobody waits for it. */
  readonly open: Extract<PermissionEvent, { type: 'permission.asked' }> | null;
}

export const NOTHING_ASKED: Permissions = {
  asked: 0,
  answered: { allow: 0, deny: 0, hold: 0 },
  held: [],
  refused: [],
  open: null,
};

/** Refusals that the state keeps. Enough to see what an agent runs into; a run may have thousands. */
const MAX_REFUSED = 20;

type Of<T extends PermissionEvent['type']> = Extract<PermissionEvent, { type: T }> & { readonly seq: number };

function asked(state: RunState, event: Of<'permission.asked'>): RunState {
  if (state.pending?.type !== 'turn.requested' || state.pending.iteration !== event.iteration) {
    throw contradiction('wrong-phase', event.seq, `${event.type} outside of turn ${event.iteration}`);
  }
  const { permissions } = state;
  return { ...state, permissions: { ...permissions, asked: permissions.asked + 1, open: event } };
}

function holdQuestion(held: Permissions['held'], question: HeldQuestion): Permissions['held'] {
  const known = held.findIndex(({ digest }) => digest === question.digest);
  return known === -1 ? [...held, question] : held.with(known, question);
}

function answered(state: RunState, event: Of<'permission.answered'>): RunState {
  const { permissions } = state;
  const { open, held, refused } = permissions;
  if (open?.digest !== event.digest) {
    throw contradiction('finish-without-request', event.seq, `an answer to ${event.digest}, which nobody asked`);
  }
  const { tool, use, input, iteration, digest } = open;
  const { decision, rule, reason } = event;
  const told = { iteration, tool, use, rule, reason };
  return {
    ...state,
    permissions: {
      ...permissions,
      open: null,
      answered: { ...permissions.answered, [decision]: permissions.answered[decision] + 1 },
      held: decision === 'hold' ? holdQuestion(held, { ...told, digest, input, decision: null }) : held,
      refused: decision === 'deny' ? [...refused, told].slice(-MAX_REFUSED) : refused,
    },
  };
}

function decided(state: RunState, event: Of<'permission.decided'>): RunState {
  const { digest, decision, by, reason } = event;
  const { permissions } = state;
  const at = permissions.held.findIndex((question) => question.digest === digest && question.decision === null);
  const question = permissions.held[at];
  if (question === undefined || state.phase !== 'ready' || state.pending !== null) {
    throw contradiction('answer-without-question', event.seq, digest);
  }
  const held = permissions.held.with(at, { ...question, decision: { decision, by, reason } });
  return { ...state, permissions: { ...permissions, held } };
}

/** While the run goes on: one entry per event, so that the compiler refuses a forgotten one. */
export const PERMISSION_FOLDS: {
  readonly [T in PermissionEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = {
  'permission.asked': asked,
  'permission.answered': answered,
  'permission.decided': decided,
};

/** Questions that wait for a person, oldest first. */
export function waitingQuestions({ permissions }: Pick<RunState, 'permissions'>): readonly HeldQuestion[] {
  return permissions.held.filter(({ decision }) => decision === null);
}
