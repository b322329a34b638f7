/**
 * `--output-format json`: some twenty types, of which `assistant.message`, `session.error` and `result` tell of the turn. No
 * tokens are in them.
 */
import { fields, words } from '../told.ts';
import type { FoldEvent } from '../told.ts';

export const fold: FoldEvent = (told, event) => {
  const data = fields(event['data']);
  switch (event['type']) {
    case 'assistant.message':
      // Of a subagent: not its own words.
      if (words(data['parentToolCallId']) !== null) return told;
      return { ...told, text: words(data['content']) ?? told.text };
    case 'session.error':
      return { ...told, failure: words(data['message']) ?? 'an error' };
    case 'result': {
      const failed = event['exitCode'] !== 0;
      const failure = failed ? (told.failure ?? 'its result is no success') : null;
      return { ...told, sessionId: words(event['sessionId']) ?? told.sessionId, failure, settled: true };
    }
    default:
      return told;
  }
};
