/**
 * Answers in the form of Anthropic Messages: a stream of `message_start` ... `message_stop`, or one message. Source: the
 * reference of streaming Messages (platform.claude.com/docs/en/build-with-claude/streaming).
 */
import { isFields } from '../../core/fields.ts';
import { usageWithCacheApart } from './answer-tally.ts';
import type { CountName, Tally } from './answer-tally.ts';
import type { AnswerEvent, AnswerProtocol } from './answer-meter.ts';
import { fieldIn, listIn, recordIn, textIn } from './answer-values.ts';
import type { JsonRecord } from './answer-values.ts';

const SUMMED: readonly (readonly [CountName, (part: JsonRecord) => unknown])[] = [
  ['input', (part) => part['input_tokens']],
  ['output', (part) => part['output_tokens']],
  ['cacheRead', (part) => part['cache_read_input_tokens']],
  ['cacheWrite', (part) => part['cache_creation_input_tokens']],
  ['cacheWrite5m', (part) => fieldIn(part['cache_creation'], 'ephemeral_5m_input_tokens')],
  ['cacheWrite1h', (part) => fieldIn(part['cache_creation'], 'ephemeral_1h_input_tokens')],
];

/** What the model was asked on the way (a compaction) is billed, and only the sum over these parts has it. */
function hearParts(usage: JsonRecord, tally: Tally): void {
  const parts = listIn(usage, 'iterations').filter(isFields);
  if (parts.length === 0) return;
  const sums = SUMMED.map(([name, of]): readonly [CountName, unknown] => {
    const counts = parts.map(of).filter((count) => count !== undefined && count !== null);
    const broken = counts.find((count) => typeof count !== 'number' || count < 0);
    if (broken !== undefined) return [name, broken];
    return [name, counts.reduce<number>((sum, count) => sum + Number(count), 0)];
  });
  tally.hear(Object.fromEntries(sums));
}

function hearUsage(usage: JsonRecord | null, tally: Tally): void {
  if (usage === null) return;
  tally.hear({
    ...Object.fromEntries(SUMMED.map(([name, of]) => [name, of(usage)])),
    reasoning: fieldIn(usage['output_tokens_details'], 'thinking_tokens'),
    webSearches: fieldIn(usage['server_tool_use'], 'web_search_requests'),
  });
  hearParts(usage, tally);
  const geography = textIn(usage, 'inference_geo');
  const speed = textIn(usage, 'speed');
  tally.terms({
    serviceTier: textIn(usage, 'service_tier'),
    ...(speed === null ? {} : { fast: speed === 'fast' }),
    geography: geography === 'not_available' ? null : geography,
  });
}

function readBlock(block: JsonRecord | null, tally: Tally): void {
  const type = textIn(block, 'type') ?? '';
  if (type === 'tool_use') tally.tool(textIn(block, 'name'), false);
  if (type === 'server_tool_use' || type === 'mcp_tool_use') tally.tool(textIn(block, 'name'), true);
  for (const name of ['text', 'thinking', 'data']) tally.content(textIn(block, name));
  const input = recordIn(block, 'input');
  if (input !== null && Object.keys(input).length > 0) tally.data(input);
}

function readMessage(message: JsonRecord | null, tally: Tally): void {
  tally.model(textIn(message, 'model'));
  for (const block of listIn(message, 'content')) readBlock(isFields(block) ? block : null, tally);
  tally.finish(textIn(message, 'stop_reason'));
  hearUsage(recordIn(message, 'usage'), tally);
}

function readDelta(delta: JsonRecord | null, tally: Tally): void {
  for (const name of ['text', 'thinking', 'partial_json']) tally.content(textIn(delta, name));
}

/** Bedrock adds what it metered itself to the last event, under names of its own. */
function hearInvocation(value: JsonRecord, tally: Tally): void {
  const metrics = recordIn(value, 'amazon-bedrock-invocationMetrics');
  if (metrics === null) return;
  tally.hear({
    input: metrics['inputTokenCount'],
    output: metrics['outputTokenCount'],
    cacheRead: metrics['cacheReadInputTokenCount'],
    cacheWrite: metrics['cacheWriteInputTokenCount'],
  });
}

export function readMessagesEvent({ value }: AnswerEvent, tally: Tally): void {
  const type = textIn(value, 'type') ?? '';
  switch (type) {
    case 'message':
      readMessage(value, tally);
      break;
    case 'message_start':
      readMessage(recordIn(value, 'message'), tally);
      break;
    case 'content_block_start':
      readBlock(recordIn(value, 'content_block'), tally);
      break;
    case 'content_block_delta':
      readDelta(recordIn(value, 'delta'), tally);
      break;
    case 'message_delta':
      tally.finish(textIn(recordIn(value, 'delta'), 'stop_reason'));
      hearUsage(recordIn(value, 'usage'), tally);
      break;
    case 'message_stop':
      hearInvocation(value, tally);
      tally.over();
      break;
    case 'error':
      tally.error(textIn(recordIn(value, 'error'), 'type'), textIn(recordIn(value, 'error'), 'message'));
      break;
    default:
    // Pings, the ends of blocks, and whatever the vendor adds later: the reference asks clients to pass over it.
  }
}

export const MESSAGES_ANSWER: AnswerProtocol = {
  rules: { usageOf: usageWithCacheApart, endsWithFinish: () => false },
  doneMark: false,
  read: readMessagesEvent,
};
