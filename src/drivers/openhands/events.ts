/**
 * `--headless --json`: one event of its SDK a line, by `kind`. Nothing says that a turn is over but its kind: a message of the
 * agent, or its action to finish. Its exit code says nothing, and no tokens are told.
 */
import { fields, textOf, words } from '../told.ts';
import type { AgentEvent } from '../event-lines.ts';
import type { FoldEvent, Told } from '../told.ts';

/** Its home has no other conversations than those of the run, and the id of the last one is printed for people only. */
const LAST = 'last';

function action(told: Told, event: AgentEvent): Told {
  const given = fields(event['action']);
  if (given['kind'] !== 'FinishAction') return { ...told, settled: false };
  return { ...told, text: words(given['message']) ?? told.text, settled: true };
}

export const fold: FoldEvent = (before, event) => {
  const told = typeof event['kind'] === 'string' ? { ...before, sessionId: LAST } : before;
  switch (event['kind']) {
    case 'MessageEvent':
      if (event['source'] !== 'agent') return told;
      return { ...told, text: textOf(fields(event['llm_message'])['content']) ?? told.text, settled: true };
    case 'ActionEvent':
      return action(told, event);
    case 'ConversationErrorEvent':
      return { ...told, failure: words(event['detail']) ?? words(event['code']) ?? 'an error', settled: true };
    default:
      return told;
  }
};
