/** `POST /chat/completions` is billed; whatever is stored or billed otherwise is refused. */
import type { Route } from '../dialect.ts';
import { listsModels, openaiPath, unboundedRoute } from '../openai-routes.ts';

export function routeOf(method: string, path: string): Route | null {
  const bare = openaiPath(path);
  if (method === 'POST' && bare === '/chat/completions') return { kind: 'generate', model: null, stream: null };
  if (listsModels(method, path)) return { kind: 'free' };
  return bare === '/responses' || bare.startsWith('/responses/') ? null : unboundedRoute(path);
}
