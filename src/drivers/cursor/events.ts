/**
 * `--output-format stream-json` as the vendor documents it (cursor.com/docs/cli/reference/output-format, read in November
 * 2026): `system`, `user`, `assistant`, `tool_call`, `result`. A run that fails may end without a result, with a code other
 * than 0 and words on standard error. Usage is not documented.
 */
import type { AgentEvent } from '../event-lines.ts';
import { foldStreamJson } from '../stream-json.ts';
import { words } from '../told.ts';
import type { FoldEvent, Told } from '../told.ts';

function result(told: Told, event: AgentEvent): Told {
  const said = words(event['result']);
  const failed = event['is_error'] === true || event['subtype'] !== 'success';
  // Its result is everything it said in the turn; the last message is its last words. Of a failure it is why.
  const text = told.text ?? (failed ? null : said);
  return { ...told, text, failure: failed ? (said ?? 'its result is no success') : null, settled: true };
}

export const fold: FoldEvent = foldStreamJson(result);
