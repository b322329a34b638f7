import type { Refusal, RefusalAnswer } from '../dialect.ts';
import { openaiRefusal } from '../openai-refusals.ts';

/** Every client of this protocol that was measured stops after one call at 402; not at 401, 413, 429 and above 500. */
const STOPS_AT_ONCE = 402;

export function refusalOf(refusal: Refusal): RefusalAnswer {
  return openaiRefusal(refusal, STOPS_AT_ONCE);
}
