/** `-o stream-json`: `init`, `message`, `tool_use`, `tool_result`, `result`. Its exit code is an HTTP status, modulo 256. */
import { count, fields, words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

function result(told: Told, event: Readonly<Record<string, unknown>>): Told {
  const stats = fields(event['stats']);
  const used = {
    inputTokens: count(stats['input_tokens']),
    outputTokens: count(stats['output_tokens']),
    costNanoUsd: null,
  };
  const failed = event['status'] !== 'success';
  const failure = failed ? (words(fields(event['error'])['message']) ?? 'its result is no success') : null;
  return { ...told, usage: used, failure, settled: true };
}

export const fold: FoldEvent = (told, event) => {
  switch (event['type']) {
    case 'init':
      return { ...told, sessionId: words(event['session_id']) ?? told.sessionId };
    case 'message': {
      const said = event['role'] === 'assistant' ? words(event['content']) : null;
      // In pieces. What it says after a tool is not what it said before.
      return said === null ? told : { ...told, text: (told.text ?? '') + said };
    }
    case 'tool_use':
      return { ...told, text: null };
    case 'result':
      return result(told, event);
    default:
      return told;
  }
};
