/** Anthropic Messages: what Claude Code speaks. */
import type { Dialect, Headers } from '../dialect.ts';
import { bearerOf, headerKey, replaceKey } from '../keys.ts';
import { meterOf } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { editRequest, readRequest } from './request.ts';
import { routeOf } from './route.ts';

/** The key goes out in the vendor's own header, also where the client sent it as a bearer token. */
function withKey(headers: Headers, key: string | null): Headers {
  return replaceKey(headers, key === null ? null : { name: 'x-api-key', value: key });
}

export function createDialect(): Dialect {
  return {
    id: 'anthropic-messages',
    priceProvider: 'anthropic',
    route: routeOf,
    read: readRequest,
    edit: editRequest,
    meter: meterOf,
    refuse: refusalOf,
    keyOf: (headers) => headerKey(headers, 'x-api-key') ?? bearerOf(headers),
    withKey,
  };
}
