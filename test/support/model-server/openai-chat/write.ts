import { dataFrame, inputOf, pieces } from '../protocol.ts';
import type { Answer, ClaimedUsage, Frame, Json, Prompt } from '../protocol.ts';

export { failure } from '../openai-responses/write.ts';

const FINISH_REASONS = { stop: 'stop', tool: 'tool_calls', length: 'length' } as const;

/** Cached input is contained in `prompt_tokens`, reasoning in `completion_tokens`. */
function usageOf(usage: ClaimedUsage | null): Json {
  if (usage === null) return {};
  const input = inputOf(usage);
  return {
    usage: {
      prompt_tokens: input,
      completion_tokens: usage.outputTokens,
      total_tokens: input + usage.outputTokens,
      prompt_tokens_details: {
        cached_tokens: usage.cacheReadTokens,
        cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
      },
      completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    },
  };
}

function head(answer: Answer, object: string): Json {
  return { id: `chatcmpl-${answer.id}`, object, created: 1_700_000_000, model: answer.model };
}

export function frames(answer: Answer, prompt: Prompt): readonly Frame[] {
  const chunk = (delta: Json, finish: string | null = null): Json => ({
    ...head(answer, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const out: Frame[] = [dataFrame(chunk({ role: 'assistant', content: '' }))];
  for (const content of pieces(answer.text)) out.push(dataFrame(chunk({ content }), content));
  if (answer.call !== null) {
    const { id, name, input } = answer.call;
    const first = { index: 0, id: `call_${id}`, type: 'function', function: { name, arguments: '' } };
    out.push(dataFrame(chunk({ tool_calls: [first] })));
    for (const part of pieces(JSON.stringify(input), 48))
      out.push(dataFrame(chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] }), part));
  }
  out.push(dataFrame(chunk({}, FINISH_REASONS[answer.finish])));
  // Said only where it was asked for, in a chunk without choices, as OpenAI does.
  if (prompt.usageAsked && answer.usage !== null)
    out.push(dataFrame({ ...head(answer, 'chat.completion.chunk'), choices: [], ...usageOf(answer.usage) }));
  return [...out, dataFrame('[DONE]')];
}

export function whole(answer: Answer): Json {
  const { call } = answer;
  const named = call === null ? null : { name: call.name, arguments: JSON.stringify(call.input) };
  const calls = call === null ? {} : { tool_calls: [{ id: `call_${call.id}`, type: 'function', function: named }] };
  const message = { role: 'assistant', content: answer.text === '' ? null : answer.text, ...calls };
  return {
    ...head(answer, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: FINISH_REASONS[answer.finish] }],
    ...usageOf(answer.usage),
  };
}

export function count(inputTokens: number): Json {
  return { input_tokens: inputTokens };
}

export function errorFrame(message: string): Frame {
  return dataFrame({ error: { message, type: 'server_error', code: 'server_error' } });
}
