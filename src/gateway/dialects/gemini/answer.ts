/** With `?alt=sse` a stream of events, else one JSON array that grows; see `generate-content-answer.ts`. */
import { createAnswerMeter } from '../answer-meter.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { GENERATE_CONTENT_ANSWER } from '../generate-content-answer.ts';

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  return createAnswerMeter(head, request, GENERATE_CONTENT_ANSWER);
}
