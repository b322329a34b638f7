/** A vendor of one's own for what the model server does not do: any handler on loopback, and what came to it. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Vendor {
  readonly url: string;
  /** Requests so far. */
  readonly asked: () => number;
  /** Resolves when the connection of an answer was closed before the answer ended. */
  readonly left: Promise<void>;
  readonly close: () => Promise<void>;
}

/** The handler is called once the body of the request has come in. */
export async function startVendor(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Vendor> {
  const leaving = Promise.withResolvers<void>();
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.once('close', () => {
      if (!response.writableFinished) leaving.resolve();
    });
    request.once('end', () => answer(response, request));
    request.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    left: leaving.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function event(value: Readonly<Record<string, unknown>>): string {
  return `event: ${String(value['type'])}\ndata: ${JSON.stringify(value)}\n\n`;
}

/** The beginning of a stream of Anthropic's, up to and with these words. */
export function streamBegin(text: string, inputTokens = 100): string {
  const usage = { input_tokens: inputTokens, output_tokens: 1 };
  return [
    event({ type: 'message_start', message: { id: 'msg_1', role: 'assistant', content: [], usage } }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  ].join('');
}

/** The rest of it, with the last word on usage. */
export function streamEnd(outputTokens = 20): string {
  return [
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: outputTokens } }),
    event({ type: 'message_stop' }),
  ].join('');
}
