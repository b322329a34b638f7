/** OpenAI Responses: what Codex speaks. */
import type { Dialect } from '../dialect.ts';
import { openaiKeyOf, withOpenaiKey } from '../openai-keys.ts';
import { meterOf } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { editRequest, readRequest } from './request.ts';
import { routeOf } from './route.ts';

export function createDialect(): Dialect {
  return {
    id: 'openai-responses',
    priceProvider: 'openai',
    route: routeOf,
    read: readRequest,
    edit: editRequest,
    meter: meterOf,
    refuse: refusalOf,
    keyOf: openaiKeyOf,
    withKey: withOpenaiKey,
  };
}
