/** Paths of OpenAI's interface, with and without `/v1`, which clients put into the base URL or not. */
import type { Route } from './dialect.ts';
import { bareOf } from './paths.ts';

/** Billed by what was uploaded, by the hour, or after the connection is gone (platform.openai.com/docs/api-reference). */
const UNBOUNDED: readonly (readonly [RegExp, string])[] = [
  [/^\/responses(?:\/|$)/, 'a stored, background or compacted response, or a WebSocket'],
  [/^\/conversations(?:\/|$)/, 'stored conversations'],
  [/^\/completions$/, 'legacy completions'],
  [/^\/chat\/completions\//, 'stored completions'],
  [/^\/embeddings$/, 'embeddings'],
  [/^\/images\//, 'images'],
  [/^\/audio\//, 'audio'],
  [/^\/videos(?:\/|$)/, 'videos'],
  [/^\/realtime(?:\/|$)/, 'realtime sessions'],
  [/^\/batches(?:\/|$)/, 'batches'],
  [/^\/(?:files|uploads)(?:\/|$)/, 'uploads'],
  [/^\/fine_tuning\//, 'fine-tuning'],
  [/^\/vector_stores(?:\/|$)/, 'vector stores'],
  [/^\/containers(?:\/|$)/, 'containers'],
  [/^\/(?:assistants|threads)(?:\/|$)/, 'assistants'],
  [/^\/evals(?:\/|$)/, 'evaluations'],
];

/** The part after `/v1`. */
export function openaiPath(path: string): string {
  return bareOf(path).replace(/^\/v1(?=\/)/, '');
}

export function listsModels(method: string, path: string): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/models(?:\/[\w.:@-]+)?$/.test(openaiPath(path));
}

export function unboundedRoute(path: string): Route | null {
  const bare = openaiPath(path);
  const what = UNBOUNDED.find(([pattern]) => pattern.test(bare))?.[1];
  return what === undefined ? null : { kind: 'unbounded', what };
}
