/** `exec --json`: `thread.started`, `item.completed`, `turn.completed`, `turn.failed`, `error`. */
import { count, fields, words } from '../told.ts';
import type { FoldEvent } from '../told.ts';

export const fold: FoldEvent = (told, event) => {
  switch (event['type']) {
    case 'thread.started':
      return { ...told, sessionId: words(event['thread_id']) ?? told.sessionId };
    case 'item.completed': {
      const item = fields(event['item']);
      return item['type'] === 'agent_message' ? { ...told, text: words(item['text']) ?? told.text } : told;
    }
    case 'error':
      // It tells of calls it makes again in the same words: only the end of the turn says what came of it.
      return { ...told, failure: words(event['message']) ?? told.failure };
    case 'turn.failed':
      return {
        ...told,
        failure: words(fields(event['error'])['message']) ?? told.failure ?? 'turn failed',
        settled: true,
      };
    case 'turn.completed': {
      const usage = fields(event['usage']);
      const used = {
        inputTokens: count(usage['input_tokens']),
        outputTokens: count(usage['output_tokens']),
        costNanoUsd: null,
      };
      return { ...told, usage: used, failure: null, settled: true };
    }
    default:
      return told;
  }
};
