import { dataFrame, inputOf, pieces } from '../protocol.ts';
import type { Answer, ClaimedUsage, Failure, FailureAnswer, Frame, Json } from '../protocol.ts';

/** Thoughts are billed as output and are not part of `candidatesTokenCount`; cached input is part of the prompt. */
function usageOf(usage: ClaimedUsage | null): Json {
  if (usage === null) return {};
  const input = inputOf(usage);
  return {
    usageMetadata: {
      promptTokenCount: input,
      cachedContentTokenCount: usage.cacheReadTokens,
      candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
      thoughtsTokenCount: usage.reasoningTokens,
      totalTokenCount: input + usage.outputTokens,
    },
  };
}

function chunk(answer: Answer, parts: readonly Json[], finish: string | null, usage: Json): Json {
  const end = finish === null ? {} : { finishReason: finish };
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...end }],
    modelVersion: answer.model,
    responseId: answer.id,
    ...usage,
  };
}

function finishOf(answer: Answer): string {
  return answer.finish === 'length' ? 'MAX_TOKENS' : 'STOP';
}

function called(answer: Answer): readonly Json[] {
  const { call } = answer;
  return call === null ? [] : [{ functionCall: { id: call.id, name: call.name, args: call.input } }];
}

export function frames(answer: Answer): readonly Frame[] {
  // Counts grow as the answer does; only those of the last chunk are whole.
  const begun = answer.usage === null ? null : { ...answer.usage, outputTokens: 0, reasoningTokens: 0 };
  const said = pieces(answer.text).map((part) =>
    dataFrame(chunk(answer, [{ text: part }], null, usageOf(begun)), part),
  );
  const args = answer.call === null ? '' : JSON.stringify(answer.call.input);
  const last = called(answer).length === 0 ? [{ text: '' }] : called(answer);
  return [...said, dataFrame(chunk(answer, last, finishOf(answer), usageOf(answer.usage)), args)];
}

export function whole(answer: Answer): Json {
  const said = answer.text === '' ? [] : [{ text: answer.text }];
  return chunk(answer, [...said, ...called(answer)], finishOf(answer), usageOf(answer.usage));
}

export function count(inputTokens: number): Json {
  return { totalTokens: inputTokens };
}

/** The names of google.rpc.Code that the API sends beside a status. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};

export function failure({ status, message, resetMs }: Failure): FailureAnswer {
  const type = 'type.googleapis.com/google.rpc.RetryInfo';
  const details =
    resetMs === null ? {} : { details: [{ '@type': type, retryDelay: `${String(Math.ceil(resetMs / 1_000))}s` }] };
  return {
    headers: {},
    body: { error: { code: status, message, status: STATUSES[status] ?? 'UNAVAILABLE', ...details } },
  };
}

export function errorFrame(message: string): Frame {
  return dataFrame({ error: { code: 503, message, status: 'UNAVAILABLE' } });
}
