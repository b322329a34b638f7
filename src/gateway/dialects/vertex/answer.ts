/** Every event of Messages has a type and none of generateContent does, so an answer says itself which it is. */
import { createAnswerMeter } from '../answer-meter.ts';
import { usageWithCacheApart, usageWithCacheInside } from '../answer-tally.ts';
import { textIn } from '../answer-values.ts';
import type { AnswerHead, Meter, RequestFacts } from '../dialect.ts';
import { readGenerateContentEvent } from '../generate-content-answer.ts';
import { readMessagesEvent } from '../messages-answer.ts';

export function meterOf(head: AnswerHead, request: RequestFacts): Meter {
  let messages = false;
  return createAnswerMeter(head, request, {
    rules: {
      usageOf: (counts) => (messages ? usageWithCacheApart(counts) : usageWithCacheInside(counts)),
      endsWithFinish: () => !messages,
    },
    doneMark: false,
    read: (event, tally) => {
      const typed = textIn(event.value, 'type') !== null;
      messages ||= typed;
      if (typed) readMessagesEvent(event, tally);
      else readGenerateContentEvent(event, tally);
    },
  });
}
