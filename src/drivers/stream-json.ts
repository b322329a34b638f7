/** The events of Claude Code's `stream-json`, and of agents that write in its manner: all but the result is the same. */
import { fields, textOf, words } from './told.ts';
import type { AgentEvent } from './event-lines.ts';
import type { FoldEvent, Told } from './told.ts';

/** `result` reads the last event, in which they differ. */
export function foldStreamJson(result: (told: Told, event: AgentEvent) => Told): FoldEvent {
  return (before, event) => {
    const told = { ...before, sessionId: words(event['session_id']) ?? before.sessionId };
    switch (event['type']) {
      case 'assistant':
        // Of a subagent: not its own words.
        if (words(event['parent_tool_use_id']) !== null) return told;
        return { ...told, text: textOf(fields(event['message'])['content']) ?? told.text };
      case 'result':
        return result(told, event);
      default:
        return told;
    }
  };
}
