/** A turn in which the agent asks before it acts, over its own standard input and output. */
import type { AgentHost, TurnRequest, TurnResult } from '../ports/driver.ts';
import type { SupervisedProcess } from '../ports/sandbox.ts';
import { createEventLines } from './event-lines.ts';
import type { AgentEvent } from './event-lines.ts';
import { takeProcessTurn } from './process-turn.ts';
import type { AgentProcess } from './process-turn.ts';

/** What a protocol may do to the agent it speaks with. */
export interface Line {
  readonly host: Pick<AgentHost, 'permit' | 'workspacePath'>;
  /** One message, as a line of JSON. */
  readonly send: (message: unknown) => void;
  /** No message follows. */
  readonly hangUp: () => void;
  /** The agent was told that a person has to decide: whatever it makes of that, its turn is over soon. */
  readonly endSoon: () => void;
}

/** One protocol, from the prompt to the end of the turn. */
export interface Dialogue {
  begin(prompt: string): void;
  /** Answers what is a question. Rejects as the host does, and for nothing an agent can print. */
  onEvent(event: AgentEvent): Promise<void>;
  /** Asks the agent to end its turn. */
  interrupt(): void;
}

export type OpenDialogue = (line: Line) => Dialogue;

/**
 * Time for an agent to end its turn once it was asked to, milliseconds. A stop has to take effect within a second; Claude
 * Code needs 0.1 s (measured).
 */
const GRACE_MS = 500;

/** What is said to an agent during one turn. */
export interface Talk {
  readonly stdin: Uint8Array | 'open';
  /** Ends the process: at once where somebody wants that, else after a moment to end by itself. */
  readonly ends: AbortSignal;
  start(process: SupervisedProcess): void;
  onEvent(event: AgentEvent): void;
  /** Once the process is gone: waits for the answers under way. Rejects with what kept a question from its answer. */
  over(): Promise<void>;
}

/** An agent that asks nothing: it is told its task, and ended when somebody wants that. */
export function tellOnce(prompt: string, signal: AbortSignal): Talk {
  return {
    stdin: Buffer.from(prompt),
    ends: signal,
    start: () => undefined,
    onEvent: () => undefined,
    over: () => Promise.resolve(),
  };
}

export function openTalk(
  open: OpenDialogue,
  host: AgentHost,
  given: { readonly prompt: string; readonly signal: AbortSignal },
): Talk {
  const { prompt, signal } = given;
  const ends = new AbortController();
  const answers: Promise<void>[] = [];
  const failures: unknown[] = [];
  let process: SupervisedProcess | null = null;
  let grace: ReturnType<typeof setTimeout> | undefined;

  const endSoon = (): void => {
    grace ??= setTimeout(() => ends.abort(), GRACE_MS);
  };
  const dialogue = open({
    host,
    send: (message) => process?.write(Buffer.from(`${JSON.stringify(message)}\n`)),
    hangUp: () => process?.endInput(),
    endSoon,
  });
  const stop = (): void => {
    // Whoever ends everything at once is not asked to wait.
    if (process === null || signal.reason === 'kill') return ends.abort();
    dialogue.interrupt();
    endSoon();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  return {
    stdin: 'open',
    ends: ends.signal,
    start(started) {
      process = started;
      dialogue.begin(prompt);
    },
    onEvent(event) {
      const answered = dialogue.onEvent(event).catch((error: unknown) => {
        // A question without an answer is never a yes: the agent is ended, and the turn fails as the host did.
        failures.push(error);
        ends.abort();
      });
      answers.push(answered);
    },
    async over() {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
      await Promise.all(answers);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** A turn of a program that is spoken with, whose events are lines of JSON. Rejects only as the host does. */
export async function takeTalkingTurn(
  host: AgentHost,
  { talk, ...agent }: Pick<AgentProcess, 'argv' | 'env'> & { readonly talk: Talk },
  request: TurnRequest,
): Promise<TurnResult> {
  const lines = createEventLines((event) => talk.onEvent(event));
  const process: AgentProcess = {
    ...agent,
    stdin: talk.stdin,
    onStdout: (bytes) => lines.push(bytes),
    onStart: (started) => talk.start(started),
  };
  try {
    return await takeProcessTurn(host, process, request, talk.ends);
  } finally {
    lines.end();
    await talk.over();
  }
}
