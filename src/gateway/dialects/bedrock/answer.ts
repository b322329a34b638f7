/**
 * `invoke` gives Anthropic's events, each as base64 inside a frame; Converse gives frames of its own, with usage in camel
 * case. Source: the reference of ConverseStreamOutput and ResponseStream (docs.aws.amazon.com/bedrock).
 */
import { isFields } from '../../../core/fields.ts';
import { createAnswerMeter, headerOf } from '../answer-meter.ts';
import type { AnswerEvent } from '../answer-meter.ts';
import { usageWithCacheApart } from '../answer-tally.ts';
import type { Tally } from '../answer-tally.ts';
import { listIn, parsedJson, recordIn, textIn } from '../answer-values.ts';
import type { JsonRecord } from '../answer-values.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { readMessagesEvent } from '../messages-answer.ts';
import { openaiTier } from '../openai-terms.ts';

/** Cache writes by how long they last; a sum that is no number is handed on as the first part that is none. */
function writesOf(usage: JsonRecord, ttl: string): unknown {
  const counts = listIn(usage, 'cacheDetails')
    .filter((part) => textIn(part, 'ttl') === ttl)
    .map((part) => (isFields(part) ? part['inputTokens'] : undefined));
  const broken = counts.find((count) => typeof count !== 'number' || count < 0);
  return broken ?? counts.reduce<number>((sum, count) => sum + Number(count), 0);
}

function hearUsage(usage: JsonRecord | null, tally: Tally): void {
  if (usage === null) return;
  tally.hear({
    input: usage['inputTokens'],
    output: usage['outputTokens'],
    cacheRead: usage['cacheReadInputTokens'],
    cacheWrite: usage['cacheWriteInputTokens'],
    cacheWrite5m: writesOf(usage, '5m'),
    cacheWrite1h: writesOf(usage, '1h'),
  });
}

/** A block, the start of one, or a piece of one: the same members in different company. */
function readBlock(block: JsonRecord | null, tally: Tally): void {
  const tool = recordIn(block, 'toolUse');
  if (tool !== null) {
    tally.tool(textIn(tool, 'name'), textIn(tool, 'type') === 'server_tool_use');
    const input = tool['input'];
    if (typeof input === 'string') tally.content(input);
    else tally.data(input);
  }
  tally.content(textIn(block, 'text'));
  const reasoning = recordIn(block, 'reasoningContent');
  tally.content(textIn(reasoning, 'text') ?? textIn(recordIn(reasoning, 'reasoningText'), 'text'));
  tally.content(textIn(reasoning, 'redactedContent'));
}

function readConverse(value: JsonRecord, tally: Tally): void {
  const message = recordIn(recordIn(value, 'output'), 'message');
  for (const block of listIn(message, 'content')) readBlock(isFields(block) ? block : null, tally);
  readBlock(recordIn(value, 'start'), tally);
  readBlock(recordIn(value, 'delta'), tally);
  tally.finish(textIn(value, 'stopReason'));
  tally.terms({ serviceTier: openaiTier(textIn(recordIn(value, 'serviceTier'), 'type')) });
  hearUsage(recordIn(value, 'usage'), tally);
}

function readChunk(value: JsonRecord, event: AnswerEvent, tally: Tally): void {
  const text = Buffer.from(textIn(value, 'bytes') ?? '', 'base64').toString();
  const inner = parsedJson(text);
  if (isFields(inner)) readMessagesEvent({ ...event, value: inner }, tally);
  else tally.problem('a chunk of the answer holds no JSON object');
}

function readEvent(event: AnswerEvent, head: AnswerHead, tally: Tally): void {
  const { value, name, failed, whole } = event;
  if (failed || (whole && head.status >= 400)) {
    const type = name ?? headerOf(head.headers, 'x-amzn-errortype')?.split(':')[0] ?? textIn(value, '__type');
    tally.error(type ?? null, textIn(value, 'message') ?? textIn(value, 'Message'));
  } else if (name === 'chunk') readChunk(value, event, tally);
  else if (textIn(value, 'type') !== null) readMessagesEvent(event, tally);
  else {
    readConverse(value, tally);
    // The frame with usage is the last one.
    if (name === 'metadata') tally.over();
  }
}

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  const tier = openaiTier(headerOf(head.headers, 'x-amzn-bedrock-service-tier'));
  return createAnswerMeter(head, request, {
    rules: { usageOf: usageWithCacheApart, endsWithFinish: () => false },
    doneMark: false,
    read: (event, tally) => {
      readEvent(event, head, tally);
      // What Bedrock says it served comes before what the model's own vendor says.
      tally.terms({ serviceTier: tier });
    },
  });
}
