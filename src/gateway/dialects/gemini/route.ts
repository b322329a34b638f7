/** `/v1beta/models/M:generateContent` and its streaming form are billed; see the reference of the Gemini API. */
import type { Route } from '../dialect.ts';
import { unmeteredQuery } from '../google-queries.ts';
import { bareOf, modelInPath } from '../paths.ts';

const VERSION = /^\/v1(?:beta|alpha)?(?=\/)/;
const METHOD = /^\/models\/([^/:]+):(\w+)$/;

/** Stored, or billed after the connection is gone. */
const UNBOUNDED: readonly (readonly [RegExp, string])[] = [
  [/^(?:\/upload)?\/files(?:[/:]|$)/, 'uploads'],
  [/^\/cachedContents(?:[/:]|$)/, 'stored caches'],
  [/^\/batches(?:[/:]|$)/, 'batches'],
  [/^\/tunedModels(?:[/:]|$)/, 'tuned models'],
  [/^\/interactions(?:[/:]|$)/, 'stored interactions'],
  [/^\/fileSearchStores(?:[/:]|$)/, 'file search stores'],
];

function methodRoute(model: string, name: string, path: string): Route {
  const unmetered = unmeteredQuery(path);
  switch (name) {
    case 'countTokens':
      return { kind: 'free' };
    case 'generateContent':
    case 'streamGenerateContent':
      if (unmetered !== null) return { kind: 'unbounded', what: unmetered };
      return { kind: 'generate', model, stream: name === 'streamGenerateContent' };
    default:
      return { kind: 'unbounded', what: name };
  }
}

export function routeOf(method: string, path: string): Route | null {
  const bare = bareOf(path);
  const upload = bare.startsWith('/upload/');
  const rest = (upload ? bare.slice('/upload'.length) : bare).replace(VERSION, '');
  if (!upload && !VERSION.test(bare)) return null;
  const called = METHOD.exec(rest);
  const model = modelInPath(called?.[1]);
  if (method === 'POST' && !upload && called !== null && model !== null)
    return methodRoute(model, called[2] ?? '', path);
  if (method === 'GET' && !upload && /^\/models(?:\/[\w.-]+)?$/.test(rest)) return { kind: 'free' };
  const what = UNBOUNDED.find(([pattern]) => pattern.test(rest))?.[1];
  return what === undefined ? null : { kind: 'unbounded', what };
}
