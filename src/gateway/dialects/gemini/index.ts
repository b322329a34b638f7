/** The Gemini API: what Gemini CLI speaks. The key may be in the query; `withoutQueryKey` takes it out of the path. */
import type { Dialect, Headers } from '../dialect.ts';
import { GOOGLE_DROPPED } from '../google-headers.ts';
import { bearerOf, headerKey, queryKey, replaceKey } from '../keys.ts';
import { meterOf } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { editRequest, readRequest } from './request.ts';
import { routeOf } from './route.ts';

function withKey(headers: Headers, key: string | null): Headers {
  return replaceKey(headers, key === null ? null : { name: 'x-goog-api-key', value: key }, GOOGLE_DROPPED);
}

export function createDialect(): Dialect {
  return {
    id: 'gemini',
    priceProvider: 'google',
    route: routeOf,
    read: readRequest,
    edit: editRequest,
    meter: meterOf,
    refuse: refusalOf,
    keyOf: (headers, path) => headerKey(headers, 'x-goog-api-key') ?? bearerOf(headers) ?? queryKey(path),
    withKey,
  };
}
