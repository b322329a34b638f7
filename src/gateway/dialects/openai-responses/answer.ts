/**
 * Answers of OpenAI Responses: a stream of typed events, the last of which has the whole response with its usage, or that
 * response alone. Source: the reference of streaming events (platform.openai.com/docs/api-reference/responses-streaming).
 */
import { isFields } from '../../../core/fields.ts';
import { createAnswerMeter } from '../answer-meter.ts';
import type { AnswerEvent, AnswerProtocol } from '../answer-meter.ts';
import { usageWithCacheInside } from '../answer-tally.ts';
import type { Tally } from '../answer-tally.ts';
import { fieldIn, labelIn, listIn, recordIn, textIn } from '../answer-values.ts';
import type { JsonRecord } from '../answer-values.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { openaiTier } from '../openai-terms.ts';

const ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** Calls the client carries out. Every other item that ends in `_call` is a tool the vendor ran. */
const CLIENT_CALLS: ReadonlySet<string> = new Set([
  'function_call',
  'custom_tool_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'computer_call',
]);

function attempt(item: JsonRecord, tally: Tally): void {
  const type = textIn(item, 'type') ?? '';
  if (!type.endsWith('_call')) return;
  tally.tool(textIn(item, 'name') ?? type.replace(/_call$/, ''), !CLIENT_CALLS.has(type));
}

/** A search that only opened or searched a page that was found before is not billed. */
function isSearch(item: JsonRecord): boolean {
  const action = textIn(recordIn(item, 'action'), 'type');
  return textIn(item, 'type') === 'web_search_call' && (action === null || action === 'search');
}

function readItemText(item: JsonRecord, tally: Tally): void {
  for (const name of ['arguments', 'input', 'code']) tally.content(textIn(item, name));
  for (const part of [...listIn(item, 'content'), ...listIn(item, 'summary')]) {
    tally.content(textIn(part, 'text') ?? textIn(part, 'refusal'));
  }
}

function hearUsage(usage: JsonRecord | null, tally: Tally): void {
  if (usage === null) return;
  const input = recordIn(usage, 'input_tokens_details');
  tally.hear({
    input: usage['input_tokens'],
    cacheRead: fieldIn(input, 'cached_tokens'),
    cacheWrite: fieldIn(input, 'cache_write_tokens'),
    output: usage['output_tokens'],
    reasoning: fieldIn(recordIn(usage, 'output_tokens_details'), 'reasoning_tokens'),
  });
}

function readError(error: JsonRecord | null, tally: Tally): void {
  if (error !== null) tally.error(textIn(error, 'code') ?? textIn(error, 'type'), textIn(error, 'message'));
}

/** The response so far, or the whole one at the end. */
function readResponse(response: JsonRecord | null, tally: Tally): void {
  if (response === null) return;
  tally.model(textIn(response, 'model'));
  tally.terms({ serviceTier: openaiTier(textIn(response, 'service_tier')) });
  readError(recordIn(response, 'error'), tally);
  const status = textIn(response, 'status');
  const reason = textIn(recordIn(response, 'incomplete_details'), 'reason');
  if (status !== 'in_progress' && status !== 'queued') tally.finish(reason ?? status);
  hearUsage(recordIn(response, 'usage'), tally);
}

/** Items by place, because an item is told when it begins and again when it is done. */
interface Items {
  readonly attempted: Set<string>;
  readonly searches: Map<string, boolean>;
}

function readItem(value: JsonRecord, items: Items, tally: Tally): void {
  const item = recordIn(value, 'item');
  if (item === null) return;
  const place = (labelIn(value, 'output_index') ?? labelIn(item, 'id') ?? '').slice(0, 100);
  if (!items.attempted.has(place) && items.attempted.size < 1_000) {
    items.attempted.add(place);
    attempt(item, tally);
  }
  if (textIn(item, 'type') !== 'web_search_call') return;
  if (items.searches.size < 1_000) items.searches.set(place, isSearch(item));
}

function readWhole(response: JsonRecord, items: Items, tally: Tally): void {
  for (const [at, item] of listIn(response, 'output').entries()) {
    if (!isFields(item)) continue;
    readItem({ output_index: at, item }, items, tally);
    readItemText(item, tally);
  }
  readResponse(response, tally);
}

function readStreamed(value: JsonRecord, items: Items, tally: Tally): void {
  const type = textIn(value, 'type') ?? '';
  if (type.endsWith('.delta')) tally.content(textIn(value, 'delta'));
  if (type === 'response.output_item.added' || type === 'response.output_item.done') readItem(value, items, tally);
  if (type === 'error') readError(recordIn(value, 'error') ?? value, tally);
  if (type.startsWith('response.')) readResponse(recordIn(value, 'response'), tally);
  if (ENDS.has(type)) tally.over();
}

function createProtocol(): AnswerProtocol {
  const items: Items = { attempted: new Set(), searches: new Map() };
  return {
    rules: {
      usageOf: (counts) => {
        const webSearches = [...items.searches.values()].filter(Boolean).length;
        return usageWithCacheInside({ ...counts, webSearches });
      },
      endsWithFinish: () => false,
    },
    doneMark: false,
    read: ({ value }: AnswerEvent, tally) => {
      if (value['object'] === 'response') readWhole(value, items, tally);
      else if (textIn(value, 'type') === null) readError(recordIn(value, 'error'), tally);
      else readStreamed(value, items, tally);
    },
  };
}

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  return createAnswerMeter(head, request, createProtocol());
}
