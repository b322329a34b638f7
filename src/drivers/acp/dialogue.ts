/** What is said with the agent in one turn: a session is opened, prompted, answered where it asks, and told what was refused. */
import type { AgentHost } from '../../ports/driver.ts';
import type { AgentEvent } from '../event-lines.ts';
import { fields, NOTHING_TOLD, words } from '../told.ts';
import type { Told } from '../told.ts';
import { createAnswering } from './answering.ts';
import { createConnection } from './connection.ts';
import { fold, foldAnswer } from './events.ts';
import type { AcpOptions } from './options.ts';
import { askingWithin, AUTH_REQUIRED, openSession } from './session.ts';
import type { NoSession, OpenSession } from './session.ts';

/** How often an agent is told in one turn what was refused, and may go on. */
const MAX_TELLINGS = 3;
export type Outcome =
  | NoSession
  /** `reason` as the protocol calls it; null where the agent gave none. */
  | { readonly kind: 'stopped'; readonly reason: string | null }
  | { readonly kind: 'failed'; readonly detail: string }
  /** A person has to decide about something the agent asked; it was told to end its turn. */
  | { readonly kind: 'held' };

export interface DialogueParts {
  readonly agent: string;
  readonly options: AcpOptions;
  readonly host: Pick<AgentHost, 'permit' | 'workspacePath'>;
  readonly resume: string | null;
  /** For each answer on the way to a session, milliseconds. */
  readonly answerMs: number;
  readonly send: (line: Uint8Array) => void;
  /** A person has to decide: the agent was told to end its turn. */
  readonly onHold: () => void;
  /** The question could not be put. */
  readonly onBroken: () => void;
}

export interface Dialogue {
  receive(message: AgentEvent): void;
  /** Resolves once the turn is over, however it went. */
  run(prompt: string): Promise<Outcome>;
  /** Asks the agent to end its turn. False: there is none to end. */
  cancel(): boolean;
  /** The agent is gone. */
  close(): void;
  told(): Told;
  held(): boolean;
  /** Resolves once no question is under way; rejects as the host did. */
  settled(): Promise<void>;
}

/** How an agent says that its turn is over: in its answer to the prompt, in version 2 in an update after it. */
function stopped(state: AgentEvent): Outcome {
  const reason = words(state['stopReason']);
  if (reason !== 'error') return { kind: 'stopped', reason };
  const detail = words(fields(state['error'])['message']) ?? words(state['message']) ?? 'an error';
  return { kind: 'failed', detail };
}

function refusal(agent: string, code: number, message: string): Outcome {
  if (code !== AUTH_REQUIRED) return { kind: 'failed', detail: message };
  return { kind: 'unavailable', detail: `${agent} asks to log in: ${message}` };
}

export function createDialogue(parts: DialogueParts): Dialogue {
  const { agent, host, options } = parts;
  let told = NOTHING_TOLD;
  let session: OpenSession | null = null;
  let idle = Promise.withResolvers<AgentEvent | null>();
  let prompted = false;

  function cancel(): boolean {
    if (session === null) return false;
    connection.notify('session/cancel', { sessionId: session.sessionId });
    return true;
  }

  const answering = createAnswering(host, {
    onHold() {
      cancel();
      parts.onHold();
    },
    onBroken: parts.onBroken,
  });
  const connection = createConnection({
    send: parts.send,
    onNotification(method, params) {
      if (method !== 'session/update') return;
      const update = fields(params['update']);
      answering.push(update);
      // What a session that goes on repeats is no word of this turn.
      if (!prompted) return;
      told = fold(told, update);
      if (update['sessionUpdate'] === 'state_update' && update['state'] === 'idle') idle.resolve(update);
    },
    onRequest: (method, params) => (method === 'session/request_permission' ? answering.answer(params) : null),
  });

  async function promptOnce({ sessionId, version }: OpenSession, text: string): Promise<Outcome> {
    idle = Promise.withResolvers();
    prompted = true;
    told = { ...told, text: null };
    const reply = await connection.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
    if (reply.kind === 'gone') return reply;
    if (reply.kind === 'error') return refusal(agent, reply.code, reply.message);
    told = foldAnswer(told, reply.result);
    if (version === 1) return stopped(reply.result);
    const state = await idle.promise;
    return state === null ? { kind: 'gone' } : stopped(state);
  }

  return {
    cancel,
    receive: (message) => connection.receive(message),
    async run(prompt) {
      const ask = askingWithin(connection, parts.answerMs);
      const opened = await openSession({ options, cwd: host.workspacePath, resume: parts.resume, ask, agent });
      if (opened.kind !== 'open') return opened;
      session = opened;
      answering.introduce(opened.name);
      told = { ...told, sessionId: opened.sessionId };
      let outcome = await promptOnce(opened, prompt);
      for (let telling = 0; telling < MAX_TELLINGS && outcome.kind === 'stopped'; telling += 1) {
        const refused = answering.held() ? null : answering.refused();
        if (refused === null) break;
        outcome = await promptOnce(opened, refused);
      }
      return outcome;
    },
    close() {
      connection.close();
      idle.resolve(null);
    },
    told: () => told,
    held: () => answering.held(),
    settled: () => answering.settled(),
  };
}
