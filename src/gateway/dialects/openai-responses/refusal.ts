import type { Refusal, RefusalAnswer } from '../dialect.ts';
import { openaiRefusal } from '../openai-refusals.ts';

/** Codex stops after one call at 400 and shows the message; at 401, 402 and 403 it asks five times more (measured). */
const STOPS_AT_ONCE = 400;

export function refusalOf(refusal: Refusal): RefusalAnswer {
  return openaiRefusal(refusal, STOPS_AT_ONCE);
}
