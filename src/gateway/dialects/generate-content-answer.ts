/**
 * Answers in the form of Google's generateContent. Every chunk of a stream has usage so far; it is exact on the chunk that
 * says why the model stopped. Source: the reference of GenerateContentResponse (ai.google.dev/api/generate-content).
 */
import { isFields } from '../../core/fields.ts';
import { usageWithCacheInside } from './answer-tally.ts';
import type { Tally } from './answer-tally.ts';
import type { AnswerEvent, AnswerProtocol } from './answer-meter.ts';
import { labelIn, listIn, recordIn, textIn } from './answer-values.ts';
import type { JsonRecord } from './answer-values.ts';

/** Vertex says what kind of traffic it billed, the Gemini API what tier. */
const TRAFFIC: Readonly<Record<string, string>> = {
  ON_DEMAND: 'standard',
  ON_DEMAND_PRIORITY: 'priority',
  ON_DEMAND_FLEX: 'flex',
  PROVISIONED_THROUGHPUT: 'provisioned_throughput',
};

function readPart(part: unknown, tally: Tally): void {
  tally.content(textIn(part, 'text'));
  const call = recordIn(part, 'functionCall');
  if (call !== null) {
    tally.tool(textIn(call, 'name'), false);
    tally.data(call['args']);
  }
  const code = recordIn(part, 'executableCode');
  if (code !== null) {
    tally.tool('code_execution', true);
    tally.content(textIn(code, 'code'));
  }
}

function readCandidate(candidate: unknown, tally: Tally): void {
  for (const part of listIn(recordIn(candidate, 'content'), 'parts')) readPart(part, tally);
  tally.finish(textIn(candidate, 'finishReason'));
  // Each search is billed, and usage does not say how many there were.
  tally.seen('webSearches', listIn(recordIn(candidate, 'groundingMetadata'), 'webSearchQueries').length);
}

function hearUsage(usage: JsonRecord | null, tally: Tally): void {
  if (usage === null) return;
  tally.hear({
    input: usage['promptTokenCount'],
    toolPrompt: usage['toolUsePromptTokenCount'],
    cacheRead: usage['cachedContentTokenCount'],
    output: usage['candidatesTokenCount'],
    thoughts: usage['thoughtsTokenCount'],
  });
  const traffic = textIn(usage, 'trafficType');
  const tier = textIn(usage, 'serviceTier')?.toLowerCase() ?? null;
  tally.terms({ serviceTier: tier ?? (traffic === null ? null : (TRAFFIC[traffic] ?? null)) });
}

export function readGenerateContentEvent({ value }: AnswerEvent, tally: Tally): void {
  const error = recordIn(value, 'error');
  if (error !== null) {
    tally.error(labelIn(error, 'status') ?? labelIn(error, 'code'), textIn(error, 'message'));
  }
  tally.model(textIn(value, 'modelVersion'));
  for (const candidate of listIn(value, 'candidates')) if (isFields(candidate)) readCandidate(candidate, tally);
  tally.finish(textIn(recordIn(value, 'promptFeedback'), 'blockReason'));
  hearUsage(recordIn(value, 'usageMetadata'), tally);
}

export const GENERATE_CONTENT_ANSWER: AnswerProtocol = {
  rules: { usageOf: usageWithCacheInside, endsWithFinish: () => true },
  doneMark: false,
  read: readGenerateContentEvent,
};
