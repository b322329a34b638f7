import { eventFrame, inputOf, pieces } from '../protocol.ts';
import type { Answer, ClaimedUsage, Failure, FailureAnswer, Frame, Json } from '../protocol.ts';

/** Cached input is contained in `input_tokens`, reasoning in `output_tokens`. */
function usageOf(usage: ClaimedUsage | null): Json | null {
  if (usage === null) return null;
  const input = inputOf(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: input + usage.outputTokens,
  };
}

function items(answer: Answer): readonly (Json & { readonly type: string; readonly id: string })[] {
  const { text, call } = answer;
  const content = [{ type: 'output_text', text, annotations: [] }];
  const said = { type: 'message', id: `msg_${answer.id}`, role: 'assistant', status: 'completed', content };
  const out = text === '' && call !== null ? [] : [said];
  if (call === null) return out;
  const args = JSON.stringify(call.input);
  const called = { call_id: `call_${call.id}`, name: call.name, arguments: args, status: 'completed' };
  return [...out, { type: 'function_call', id: `fc_${call.id}`, ...called }];
}

function response(answer: Answer, status: string, more: Json): Json {
  return {
    id: `resp_${answer.id}`,
    object: 'response',
    created_at: 1_700_000_000,
    status,
    model: answer.model,
    output: [],
    service_tier: 'default',
    usage: null,
    ...more,
  };
}

function ended(answer: Answer): Json {
  const more = { output: items(answer), usage: usageOf(answer.usage) };
  if (answer.finish !== 'length') return response(answer, 'completed', more);
  return response(answer, 'incomplete', { ...more, incomplete_details: { reason: 'max_output_tokens' } });
}

export function frames(answer: Answer): readonly Frame[] {
  const out: Frame[] = [];
  let sequence = 0;
  const push = (event: Json & { readonly type: string }, content = ''): void => {
    out.push(eventFrame({ ...event, sequence_number: sequence }, content));
    sequence += 1;
  };
  push({ type: 'response.created', response: response(answer, 'in_progress', {}) });
  for (const [index, item] of items(answer).entries()) {
    const where = { item_id: item.id, output_index: index };
    const isText = item.type === 'message';
    const empty = isText ? { ...item, status: 'in_progress', content: [] } : { ...item, arguments: '' };
    push({ type: 'response.output_item.added', output_index: index, item: empty });
    if (isText) {
      const part = { type: 'output_text', text: '', annotations: [] };
      push({ type: 'response.content_part.added', ...where, content_index: 0, part });
      for (const delta of pieces(answer.text))
        push({ type: 'response.output_text.delta', ...where, content_index: 0, delta }, delta);
      push({ type: 'response.output_text.done', ...where, content_index: 0, text: answer.text });
    } else {
      const args = String(item['arguments']);
      for (const delta of pieces(args, 48))
        push({ type: 'response.function_call_arguments.delta', ...where, delta }, delta);
      push({ type: 'response.function_call_arguments.done', ...where, arguments: args });
    }
    push({ type: 'response.output_item.done', output_index: index, item });
  }
  push({
    type: answer.finish === 'length' ? 'response.incomplete' : 'response.completed',
    response: ended(answer),
  });
  return out;
}

export function whole(answer: Answer): Json {
  return ended(answer);
}

export function count(inputTokens: number): Json {
  return { object: 'response.input_tokens', input_tokens: inputTokens };
}

export function failure({ status, message, resetMs }: Failure): FailureAnswer {
  const reset: Record<string, string> =
    resetMs === null
      ? {}
      : {
          'retry-after': String(Math.ceil(resetMs / 1_000)),
          'x-ratelimit-remaining-tokens': '0',
          'x-ratelimit-reset-tokens': `${String(Math.ceil(resetMs / 1_000))}s`,
        };
  const type = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { headers: reset, body: { error: { message, type, param: null, code: type } } };
}

export function errorFrame(message: string): Frame {
  const error = { code: 'server_error', message };
  return eventFrame({ type: 'response.failed', response: { id: 'resp_failed', status: 'failed', error } });
}
