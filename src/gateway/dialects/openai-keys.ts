/** OpenAI's clients send the key as a bearer token; Azure's in a header of its own. */
import type { Headers } from './dialect.ts';
import { bearerOf, headerKey, replaceKey } from './keys.ts';

export function openaiKeyOf(headers: Headers): string | null {
  return bearerOf(headers) ?? headerKey(headers, 'api-key');
}

/** In the header the client used, so that a service of Azure's kind gets its key where it looks for it. */
export function withOpenaiKey(headers: Headers, key: string | null): Headers {
  if (key === null) return replaceKey(headers, null);
  const azure = bearerOf(headers) === null && headerKey(headers, 'api-key') !== null;
  return replaceKey(
    headers,
    azure ? { name: 'api-key', value: key } : { name: 'authorization', value: `Bearer ${key}` },
  );
}
