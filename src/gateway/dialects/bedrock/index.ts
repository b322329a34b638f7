/**
 * Amazon Bedrock. Requests to it are usually signed with a secret that the agent must not have; so far only API keys of
 * Bedrock are put in (bearer tokens, `AWS_BEARER_TOKEN_BEDROCK`), and the agent is run without signing.
 */
import type { Dialect, Headers } from '../dialect.ts';
import { bearerOf, replaceKey } from '../keys.ts';
import { meterOf } from './answer.ts';
import { refusalOf } from './refusal.ts';
import { editRequest, readRequest } from './request.ts';
import { routeOf } from './route.ts';

/** What is left of a signature, and a tier that is not in the body and so was not held for. */
const DROPPED = ['x-amz-date', 'x-amz-content-sha256', 'x-amzn-bedrock-service-tier'];

function withKey(headers: Headers, key: string | null): Headers {
  return replaceKey(headers, key === null ? null : { name: 'authorization', value: `Bearer ${key}` }, DROPPED);
}

export function createDialect(): Dialect {
  return {
    id: 'bedrock',
    priceProvider: 'aws',
    route: routeOf,
    read: readRequest,
    edit: editRequest,
    meter: meterOf,
    refuse: refusalOf,
    keyOf: bearerOf,
    withKey,
  };
}
