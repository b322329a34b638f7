/**
 * Answers of OpenAI Chat Completions: chunks that end with `[DONE]`, the last but one with usage where that was asked for,
 * or one completion. Source: the reference of `chat.completion.chunk` (platform.openai.com/docs/api-reference/chat).
 */
import { isFields } from '../../../core/fields.ts';
import { createAnswerMeter } from '../answer-meter.ts';
import { usageWithCacheInside } from '../answer-tally.ts';
import type { Tally } from '../answer-tally.ts';
import { fieldIn, labelIn, listIn, recordIn, textIn } from '../answer-values.ts';
import type { JsonRecord } from '../answer-values.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { openaiTier } from '../openai-terms.ts';

/** Output as the vendor counts it, or what is left of the total: some servers keep reasoning out of the first. */
function outputOf(usage: JsonRecord): unknown {
  const { completion_tokens: output, prompt_tokens: input, total_tokens: total } = usage;
  if (typeof output !== 'number' || typeof input !== 'number' || typeof total !== 'number') return output;
  return total - input > output ? total - input : output;
}

interface Answer {
  readonly request: RequestFacts;
  readonly tally: Tally;
  /** Tool calls by choice and place, because a name may come with every piece of a call. */
  readonly attempted: Set<string>;
}

function hearUsage(usage: JsonRecord | null, { tally, request }: Answer): void {
  if (usage === null) return;
  const prompt = recordIn(usage, 'prompt_tokens_details');
  tally.hear({
    input: usage['prompt_tokens'],
    cacheRead: fieldIn(prompt, 'cached_tokens') ?? usage['prompt_cache_hit_tokens'],
    cacheWrite: fieldIn(prompt, 'cache_write_tokens'),
    output: outputOf(usage),
    reasoning: fieldIn(recordIn(usage, 'completion_tokens_details'), 'reasoning_tokens'),
    // A model that searches does so once per request, and usage does not say it.
    webSearches: request.hostedTools.includes('web_search') ? 1 : 0,
  });
}

function readCall(call: unknown, place: string, { tally, attempted }: Answer): void {
  const detail = recordIn(call, 'function') ?? recordIn(call, 'custom');
  const name = textIn(detail, 'name');
  tally.content(textIn(detail, 'arguments') ?? textIn(detail, 'input'));
  if (name === null || name === '' || attempted.has(place) || attempted.size > 1_000) return;
  attempted.add(place);
  tally.tool(name, false);
}

function readChoice(choice: JsonRecord, at: number, answer: Answer): void {
  const { tally } = answer;
  const message = recordIn(choice, 'delta') ?? recordIn(choice, 'message');
  for (const name of ['content', 'reasoning_content', 'reasoning', 'refusal']) tally.content(textIn(message, name));
  const place = (labelIn(choice, 'index') ?? `${at}`).slice(0, 20);
  for (const [index, call] of listIn(message, 'tool_calls').entries()) {
    readCall(call, `${place}.${(labelIn(call, 'index') ?? `${index}`).slice(0, 20)}`, answer);
  }
  const legacy = recordIn(message, 'function_call');
  if (legacy !== null) readCall({ function: legacy }, `${place}.function`, answer);
  tally.finish(textIn(choice, 'finish_reason'));
  // Some servers put usage into the last choice.
  hearUsage(recordIn(choice, 'usage'), answer);
}

function readEvent(value: JsonRecord, answer: Answer): void {
  const { tally } = answer;
  const error = recordIn(value, 'error');
  if (error !== null) {
    tally.error(textIn(error, 'type') ?? labelIn(error, 'code'), textIn(error, 'message'));
  }
  tally.model(textIn(value, 'model'));
  tally.terms({ serviceTier: openaiTier(textIn(value, 'service_tier')) });
  for (const [at, choice] of listIn(value, 'choices').entries()) if (isFields(choice)) readChoice(choice, at, answer);
  hearUsage(recordIn(value, 'usage'), answer);
}

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  const attempted = new Set<string>();
  return createAnswerMeter(head, request, {
    rules: { usageOf: usageWithCacheInside, endsWithFinish: () => true },
    doneMark: true,
    read: ({ value }, tally) => readEvent(value, { request, tally, attempted }),
  });
}
