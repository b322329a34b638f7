/**
 * JSON-RPC 2.0 with an agent, one message a line, over the pipes of a supervised process. What the agent writes is read as
 * untrusted: a message that fits nothing is dropped, an answer to what was not asked too, and nothing here throws.
 */
import { fields, words } from '../told.ts';
import type { AgentEvent } from '../event-lines.ts';

/** Of JSON-RPC: the method does not exist, or is not offered. */
const METHOD_NOT_FOUND = -32_601;

export type Reply =
  | { readonly kind: 'result'; readonly result: AgentEvent }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** The agent is gone, or nobody waits any longer. */
  | { readonly kind: 'gone' };

export interface Handlers {
  /** Writes to the agent. */
  readonly send: (line: Uint8Array) => void;
  readonly onNotification: (method: string, params: AgentEvent) => void;
  /** null: no such method is offered. A promise that rejects leaves the agent without an answer. */
  readonly onRequest: (method: string, params: AgentEvent) => Promise<object> | null;
}

export interface Connection {
  /** Resolves with whatever comes of it; never rejects. */
  request(method: string, params: object): Promise<Reply>;
  notify(method: string, params: object): void;
  /** Takes what the agent wrote. */
  receive(message: AgentEvent): void;
  /** From now on every question is answered with `gone`. */
  close(): void;
}

/** The words of an error, and what agents put beside them: some say only there what went wrong. */
function messageOf(error: AgentEvent): string {
  const data = error['data'];
  const more = words(data) ?? words(fields(data)['details']) ?? words(fields(data)['message']);
  const said = words(error['message']) ?? 'an error without words';
  return more === null || said.includes(more) ? said : `${said}: ${more}`;
}

function replyIn(message: AgentEvent): Reply {
  if (!('error' in message)) return { kind: 'result', result: fields(message['result']) };
  const error = fields(message['error']);
  const code = typeof error['code'] === 'number' ? error['code'] : 0;
  return { kind: 'error', code, message: messageOf(error) };
}

export function createConnection(handlers: Handlers): Connection {
  const waiting = new Map<unknown, (reply: Reply) => void>();
  let lastId = 0;
  let open = true;

  function send(message: object): void {
    if (open) handlers.send(Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`));
  }

  function answer(id: unknown, method: string, params: AgentEvent): void {
    const answering = handlers.onRequest(method, params);
    if (answering === null) {
      send({ id, error: { code: METHOD_NOT_FOUND, message: `${method} is not offered here` } });
      return;
    }
    // Whoever makes the answer keeps its failure.
    answering.then(
      (result) => send({ id, result }),
      () => undefined,
    );
  }

  return {
    request(method, params) {
      if (!open) return Promise.resolve({ kind: 'gone' });
      lastId += 1;
      const id = lastId;
      const replied = new Promise<Reply>((resolve) => waiting.set(id, resolve));
      send({ id, method, params });
      return replied;
    },
    notify: (method, params) => send({ method, params }),
    receive(message) {
      const { id, method } = message;
      if (typeof method !== 'string') {
        waiting.get(id)?.(replyIn(message));
        waiting.delete(id);
        return;
      }
      const params = fields(message['params']);
      if (id === undefined) handlers.onNotification(method, params);
      else answer(id, method, params);
    },
    close() {
      open = false;
      for (const resolve of waiting.values()) resolve({ kind: 'gone' });
      waiting.clear();
    },
  };
}
