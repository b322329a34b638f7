/** `run --format json`: `step_start`, `tool_use`, `text`, `step_finish`, `error`. */
import { addUsage, cost, count, fields, words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

function step(told: Told, part: Readonly<Record<string, unknown>>): Told {
  const tokens = fields(part['tokens']);
  const cache = fields(tokens['cache']);
  const used = {
    inputTokens: count(tokens['input']) + count(cache['read']) + count(cache['write']),
    outputTokens: count(tokens['output']) + count(tokens['reasoning']),
    // Of a model whose price it does not know it says that it costs nothing.
    costNanoUsd: cost(part['cost']) || null,
  };
  // After a step that called tools comes another.
  return { ...told, usage: addUsage(told.usage, used), settled: part['reason'] === 'stop' };
}

export const fold: FoldEvent = (before, event) => {
  const told = { ...before, sessionId: words(event['sessionID']) ?? before.sessionId };
  const part = fields(event['part']);
  switch (event['type']) {
    case 'text':
      return { ...told, text: words(part['text']) ?? told.text };
    case 'step_finish':
      return step(told, part);
    case 'error': {
      const error = fields(event['error']);
      return { ...told, failure: words(fields(error['data'])['message']) ?? words(error['name']) ?? 'an error' };
    }
    default:
      return told;
  }
};
