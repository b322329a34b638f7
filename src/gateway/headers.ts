/** Which headers pass the gateway, in either direction. Pure. */
import { HOP_BY_HOP } from '../core/hop-by-hop.ts';
import type { Headers } from './dialects/dialect.ts';

/** For one connection only, or made anew here. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  // A cookie of the vendor would let the agent be recognised past its key, and one of the agent is none of ours.
  'cookie',
  'set-cookie',
  // Asked for as it is: what is metered here must not have to be unpacked first.
  'accept-encoding',
]);

/** Names a `Connection` header adds to that list. */
function named(headers: Headers): ReadonlySet<string> {
  const value = headers['connection'];
  const text = value === undefined ? '' : typeof value === 'string' ? value : value.join(',');
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()));
}

export function passedHeaders(headers: Headers): Record<string, string | string[]> {
  const also = named(headers);
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (value === undefined || NOT_PASSED.has(lower) || also.has(lower)) continue;
    passed[lower] = typeof value === 'string' ? value : [...value];
  }
  return passed;
}

/** A vendor may repeat the key it was given in a header, too. */
export function withoutSecrets(headers: Headers, redact: (bytes: Uint8Array) => Uint8Array): Headers {
  const clean = (value: string): string => Buffer.from(redact(Buffer.from(value, 'latin1'))).toString('latin1');
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (value === undefined) return [name, value];
      return [name, typeof value === 'string' ? clean(value) : value.map(clean)];
    }),
  );
}
