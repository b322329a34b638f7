/**
 * A process of the suite `gateway`: a vendor that streams answers in the form of Anthropic Messages. `/EVENTS/v1/messages`
 * answers with so many deltas, one write each, all streams in turn. Says its port.
 *
 *     node bench/model-vendor.ts
 */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';

/** As long as those a vendor sends: a few words each. */
const TEXT = 'const value = await read(';
const BYTES_PER_TOKEN = 4;

function event(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

function eventsOf(deltas: number, inputTokens: number): readonly string[] {
  const usage = { input_tokens: inputTokens, output_tokens: 1 };
  const delta = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: TEXT } });
  return [
    event('message_start', { message: { id: 'msg_1', type: 'message', model: 'bench', content: [], usage } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: deltas }, () => delta),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: deltas * 6 } }),
    event('message_stop', {}),
  ];
}

/** One event, then everybody else's turn. */
function stream(response: ServerResponse, events: readonly string[]): void {
  let next = 0;
  const step = (): void => {
    const text = events[next];
    next += 1;
    if (response.destroyed) return;
    if (text === undefined) response.end();
    else if (response.write(text)) setImmediate(step);
    else response.once('drain', step);
  };
  step();
}

const server = createServer((request, response) => {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.length));
  request.on('end', () => {
    const deltas = Number(/^\/(\d+)\//.exec(request.url ?? '')?.[1]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    stream(response, eventsOf(deltas, Math.ceil(bytes / BYTES_PER_TOKEN)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(String(typeof address === 'object' ? address?.port : ''));
});
process.stdin.resume().on('end', () => process.exit());
