/** The vendor's own form of an answer; see `messages-answer.ts` for what is read out of it. */
import { createAnswerMeter } from '../answer-meter.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { MESSAGES_ANSWER } from '../messages-answer.ts';

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  return createAnswerMeter(head, request, MESSAGES_ANSWER);
}
