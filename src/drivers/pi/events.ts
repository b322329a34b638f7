/** `--mode json`: `session`, `message_end`, `agent_settled` and many that say the same in pieces. */
import { addUsage, cost, count, fields, textOf, words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

function message(told: Told, said: Readonly<Record<string, unknown>>): Told {
  if (said['role'] !== 'assistant') return told;
  const usage = fields(said['usage']);
  const used = {
    inputTokens: count(usage['input']) + count(usage['cacheRead']) + count(usage['cacheWrite']),
    outputTokens: count(usage['output']),
    // Of a model whose price it does not know it says that it costs nothing.
    costNanoUsd: cost(fields(usage['cost'])['total']) || null,
  };
  const stopReason = words(said['stopReason']);
  const failed = stopReason === 'error' || stopReason === 'aborted';
  return {
    ...told,
    text: textOf(said['content']) ?? told.text,
    usage: addUsage(told.usage, used),
    // An answer after a failure: it asked again, and got one.
    failure: failed ? (words(said['errorMessage']) ?? stopReason) : null,
  };
}

export const fold: FoldEvent = (told, event) => {
  switch (event['type']) {
    case 'session':
      return { ...told, sessionId: words(event['id']) ?? told.sessionId };
    case 'message_end':
      return message(told, fields(event['message']));
    case 'agent_settled':
      return { ...told, settled: true };
    default:
      return told;
  }
};
