/** `POST /responses` is billed; counting its input is free; whatever is stored or runs on is refused. */
import type { Route } from '../dialect.ts';
import { listsModels, openaiPath, unboundedRoute } from '../openai-routes.ts';

export function routeOf(method: string, path: string): Route | null {
  const bare = openaiPath(path);
  if (method === 'POST' && bare === '/responses') return { kind: 'generate', model: null, stream: null };
  if (method === 'POST' && bare === '/responses/input_tokens') return { kind: 'free' };
  if (listsModels(method, path)) return { kind: 'free' };
  return bare === '/chat/completions' || bare.startsWith('/chat/completions/') ? null : unboundedRoute(path);
}
