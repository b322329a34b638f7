/** `--output-format stream-json`: `system`, `assistant`, `user`, `result`. */
import { foldStreamJson } from '../stream-json.ts';
import { addUsage, cost, count, fields, words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

/** A subtype says `success` even where the model could not be asked: `is_error` is the word that counts. */
function result(told: Told, event: Readonly<Record<string, unknown>>): Told {
  const usage = fields(event['usage']);
  const used = {
    inputTokens:
      count(usage['input_tokens']) +
      count(usage['cache_creation_input_tokens']) +
      count(usage['cache_read_input_tokens']),
    outputTokens: count(usage['output_tokens']),
    costNanoUsd: cost(event['total_cost_usd']),
  };
  const said = words(event['result']);
  const subtype = words(event['subtype']) ?? 'unknown';
  const failed = event['is_error'] === true || subtype !== 'success';
  return {
    ...told,
    text: failed ? told.text : (said ?? told.text),
    usage: addUsage(null, used),
    failure: failed ? (said ?? subtype) : null,
    settled: true,
  };
}

export const fold: FoldEvent = foldStreamJson(result);
