/** `POST /v1/messages` is billed, with `?beta=true` or not; clients that have `/v1` in their base URL leave it out. */
import type { Route } from '../dialect.ts';
import { bareOf } from '../paths.ts';

/** Billed by what was uploaded or after the connection is gone (platform.claude.com/docs/en/api). */
const UNBOUNDED: readonly (readonly [RegExp, string])[] = [
  [/^\/messages\/batches(?:\/|$)/, 'batches'],
  [/^\/files(?:\/|$)/, 'uploads'],
  [/^\/skills(?:\/|$)/, 'skills'],
  [/^\/complete$/, 'legacy completions'],
];

export function routeOf(method: string, path: string): Route | null {
  const bare = bareOf(path);
  // Claude Code asks whether anybody is there before its first call.
  if (method === 'HEAD' && (bare === '/' || bare === '/api/hello')) return { kind: 'greeting' };
  const rest = bare.replace(/^\/v1(?=\/)/, '');
  if (method === 'POST' && rest === '/messages') return { kind: 'generate', model: null, stream: null };
  if (method === 'POST' && rest === '/messages/count_tokens') return { kind: 'free' };
  if (method === 'GET' && /^\/models(?:\/[\w.:@-]+)?$/.test(rest)) return { kind: 'free' };
  const what = UNBOUNDED.find(([pattern]) => pattern.test(rest))?.[1];
  return what === undefined ? null : { kind: 'unbounded', what };
}
