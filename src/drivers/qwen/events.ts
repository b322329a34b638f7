/** `-o stream-json`: `system`, `assistant`, `user`, `result`, in the manner of Claude Code and not in all of its fields. */
import { foldStreamJson } from '../stream-json.ts';
import { count, fields, words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

function result(told: Told, event: Readonly<Record<string, unknown>>): Told {
  const usage = fields(event['usage']);
  const used = {
    inputTokens: count(usage['input_tokens']),
    outputTokens: count(usage['output_tokens']),
    costNanoUsd: null,
  };
  const subtype = words(event['subtype']) ?? 'unknown';
  const failed = event['is_error'] === true || subtype !== 'success';
  return {
    ...told,
    text: failed ? told.text : (words(event['result']) ?? told.text),
    usage: used,
    failure: failed ? (words(fields(event['error'])['message']) ?? subtype) : null,
    settled: true,
  };
}

export const fold: FoldEvent = foldStreamJson(result);
