import { eventFrame, pieces } from '../protocol.ts';
import type { Answer, ClaimedUsage, Failure, FailureAnswer, Frame, Json } from '../protocol.ts';

const STOP_REASONS = { stop: 'end_turn', tool: 'tool_use', length: 'max_tokens' } as const;

/** `input_tokens` is what was neither read from nor written to a cache: the classes are summed, not contained. */
function usageOf(usage: ClaimedUsage | null, outputTokens: number): Json {
  if (usage === null) return {};
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    output_tokens: outputTokens,
    service_tier: 'standard',
    ...(usage.webSearches > 0 ? { server_tool_use: { web_search_requests: usage.webSearches } } : {}),
  };
}

function message(answer: Answer, content: readonly Json[], outputTokens: number): Json {
  return {
    id: `msg_${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content,
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf(answer.usage, outputTokens),
  };
}

export function frames(answer: Answer): readonly Frame[] {
  const out: Frame[] = [
    eventFrame({ type: 'message_start', message: message(answer, [], 1) }),
    eventFrame({ type: 'ping' }),
  ];
  let index = 0;
  const block = (start: Json, deltas: readonly { readonly delta: Json; readonly content: string }[]): void => {
    out.push(eventFrame({ type: 'content_block_start', index, content_block: start }));
    for (const { delta, content } of deltas)
      out.push(eventFrame({ type: 'content_block_delta', index, delta }, content));
    out.push(eventFrame({ type: 'content_block_stop', index }));
    index += 1;
  };
  if (answer.text !== '' || answer.call === null) {
    const deltas = pieces(answer.text).map((part) => ({ delta: { type: 'text_delta', text: part }, content: part }));
    block({ type: 'text', text: '' }, deltas);
  }
  if (answer.call !== null) {
    const { id, name, input } = answer.call;
    // Small pieces: a client has to put the arguments together again.
    const deltas = pieces(JSON.stringify(input), 48).map((part) => ({
      delta: { type: 'input_json_delta', partial_json: part },
      content: part,
    }));
    block({ type: 'tool_use', id: `toolu_${id}`, name, input: {} }, deltas);
  }
  const delta = { stop_reason: STOP_REASONS[answer.finish], stop_sequence: null };
  const usage = usageOf(answer.usage, answer.usage?.outputTokens ?? 0);
  return [...out, eventFrame({ type: 'message_delta', delta, usage }), eventFrame({ type: 'message_stop' })];
}

export function whole(answer: Answer): Json {
  const said = answer.text === '' && answer.call !== null ? [] : [{ type: 'text', text: answer.text }];
  const { call } = answer;
  const called =
    call === null ? [] : [{ type: 'tool_use', id: `toolu_${call.id}`, name: call.name, input: call.input }];
  const body = message(answer, [...said, ...called], answer.usage?.outputTokens ?? 0);
  return { ...body, stop_reason: STOP_REASONS[answer.finish] };
}

export function count(inputTokens: number): Json {
  return { input_tokens: inputTokens };
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export function failure({ status, message, resetMs, nowMs }: Failure): FailureAnswer {
  const reset: Record<string, string> =
    resetMs === null
      ? {}
      : {
          'retry-after': String(Math.ceil(resetMs / 1_000)),
          'anthropic-ratelimit-tokens-remaining': '0',
          'anthropic-ratelimit-tokens-reset': new Date(nowMs + resetMs).toISOString(),
        };
  return { headers: reset, body: { type: 'error', error: { type: TYPES[status] ?? 'api_error', message } } };
}

export function errorFrame(message: string): Frame {
  return eventFrame({ type: 'error', error: { type: 'overloaded_error', message } });
}
