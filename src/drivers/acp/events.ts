/**
 * `session/update` of both versions, and the answer to a prompt. Updates that are not known stay in the output and are
 * otherwise ignored.
 */
import { addUsage, cost, count, fields, textOf, words } from '../told.ts';
import type { AgentEvent } from '../event-lines.ts';
import type { FoldEvent, Told } from '../told.ts';

/** Last words longer than this lose their beginning, in characters. */
const MAX_TEXT = 65_536;

/** Reads the part `update` of a notification. */
export const fold: FoldEvent = (told, update) => {
  switch (update['sessionUpdate']) {
    case 'agent_message_chunk': {
      const said = words(fields(update['content'])['text']);
      // In pieces. What it says after a tool is not what it said before.
      return said === null ? told : { ...told, text: `${told.text ?? ''}${said}`.slice(-MAX_TEXT) };
    }
    // Version 2: a whole message in the place of its pieces.
    case 'agent_message':
      return { ...told, text: textOf(update['content'])?.slice(-MAX_TEXT) ?? told.text };
    case 'tool_call':
    case 'tool_call_update':
      return { ...told, text: null };
    case 'usage_update': {
      // `used` is what the context holds, and not what was paid for. The cost counts from the beginning of the session.
      const { amount, currency } = fields(update['cost']);
      const costNanoUsd = currency === 'USD' ? cost(amount) : null;
      if (costNanoUsd === null) return told;
      return { ...told, usage: { inputTokens: 0, outputTokens: 0, ...told.usage, costNanoUsd } };
    }
    default:
      return told;
  }
};

/** Tokens of one prompt as its answer names them; the sum tells whether what came from a cache is counted beside. */
function tokensIn(result: AgentEvent): { readonly inputTokens: number; readonly outputTokens: number } | null {
  const usage = result['usage'];
  if (typeof usage === 'object' && usage !== null) {
    const of = (name: string): number => count(fields(usage)[name]);
    const outputTokens = of('outputTokens') + of('thoughtTokens');
    const added = of('inputTokens') + of('cachedReadTokens') + of('cachedWriteTokens');
    const total = of('totalTokens');
    return { inputTokens: total > outputTokens ? total - outputTokens : added, outputTokens };
  }
  // Gemini CLI.
  const quota = fields(fields(fields(result['_meta'])['quota'])['token_count']);
  const tokens = { inputTokens: count(quota['input_tokens']), outputTokens: count(quota['output_tokens']) };
  return tokens.inputTokens + tokens.outputTokens === 0 ? null : tokens;
}

/** Adds what the answer to a prompt says of its usage. */
export function foldAnswer(told: Told, result: AgentEvent): Told {
  const tokens = tokensIn(result);
  if (tokens === null) return told;
  return { ...told, usage: addUsage(told.usage, { ...tokens, costNanoUsd: null }) };
}
