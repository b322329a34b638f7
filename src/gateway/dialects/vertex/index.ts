/** Google's Vertex AI, for Claude and Gemini. The key is an access token, sent as a bearer token, or an API key. */
import type { Dialect, Headers } from '../dialect.ts';
import { GOOGLE_DROPPED } from '../google-headers.ts';
import { bearerOf, headerKey, queryKey, replaceKey } from '../keys.ts';
import { meterOf } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { editRequest, readRequest } from './request.ts';
import { routeOf } from './route.ts';

/** API keys of Google begin so; everything else is an access token. */
const API_KEY = /^AIza|^AQ\./;

function withKey(headers: Headers, key: string | null): Headers {
  if (key === null) return replaceKey(headers, null, GOOGLE_DROPPED);
  const carrier = API_KEY.test(key)
    ? { name: 'x-goog-api-key', value: key }
    : { name: 'authorization', value: `Bearer ${key}` };
  return replaceKey(headers, carrier, GOOGLE_DROPPED);
}

export function createDialect(): Dialect {
  return {
    id: 'vertex',
    priceProvider: 'google',
    route: routeOf,
    read: readRequest,
    edit: editRequest,
    meter: meterOf,
    refuse: refusalOf,
    keyOf: (headers, path) => bearerOf(headers) ?? headerKey(headers, 'x-goog-api-key') ?? queryKey(path),
    withKey,
  };
}
